/**
 * Evidence of a verification: acknowledged records, records read, and the violations found by
 * comparing them.
 */
@NullMarked
package io.millrace.cli.verify.proof;

import org.jspecify.annotations.NullMarked;
