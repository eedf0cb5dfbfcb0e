/** Faults, as determined by the seed. */
@NullMarked
package io.millrace.simulation.fault;

import org.jspecify.annotations.NullMarked;
