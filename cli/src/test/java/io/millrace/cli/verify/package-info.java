/** Tests of {@code io.millrace.cli.verify}. */
@NullMarked
package io.millrace.cli.verify;

import org.jspecify.annotations.NullMarked;
