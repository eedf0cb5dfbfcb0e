/**
 * The evidence of a verification: acknowledged and read records, and the violations found by
 * comparing them.
 */
@NullMarked
package io.millrace.cli.verify.proof;

import org.jspecify.annotations.NullMarked;
