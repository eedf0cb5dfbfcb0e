/** Tests of {@code io.millrace.simulation.invariant}. */
@NullMarked
package io.millrace.simulation.invariant;

import org.jspecify.annotations.NullMarked;
