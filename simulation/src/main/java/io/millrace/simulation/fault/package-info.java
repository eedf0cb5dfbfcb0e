/** Injection of faults by the seed. */
@NullMarked
package io.millrace.simulation.fault;

import org.jspecify.annotations.NullMarked;
