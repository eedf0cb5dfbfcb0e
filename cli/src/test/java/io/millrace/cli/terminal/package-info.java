/** Tests of {@code io.millrace.cli.terminal}. */
@NullMarked
package io.millrace.cli.terminal;

import org.jspecify.annotations.NullMarked;
