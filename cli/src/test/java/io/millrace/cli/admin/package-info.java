/** Tests of {@code io.millrace.cli.admin}. */
@NullMarked
package io.millrace.cli.admin;

import org.jspecify.annotations.NullMarked;
