/** Tests of {@code io.millrace.cli.verify.proof}. */
@NullMarked
package io.millrace.cli.verify.proof;

import org.jspecify.annotations.NullMarked;
