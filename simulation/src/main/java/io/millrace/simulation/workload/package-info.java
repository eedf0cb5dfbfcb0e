/** Simulated producers, readers, group members and administrators. */
@NullMarked
package io.millrace.simulation.workload;

import org.jspecify.annotations.NullMarked;
