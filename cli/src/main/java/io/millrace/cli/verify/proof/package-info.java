/** The evidence of a verification, and its violations. */
@NullMarked
package io.millrace.cli.verify.proof;

import org.jspecify.annotations.NullMarked;
