/** Tests of {@code io.millrace.cli.bench}. */
@NullMarked
package io.millrace.cli.bench;

import org.jspecify.annotations.NullMarked;
