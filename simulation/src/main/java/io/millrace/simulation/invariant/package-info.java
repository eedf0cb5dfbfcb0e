/** Checks that run at every event of a simulation. */
@NullMarked
package io.millrace.simulation.invariant;

import org.jspecify.annotations.NullMarked;
