/** The simulated nodes, network, etcd, bucket and clocks. */
@NullMarked
package io.millrace.simulation.world;

import org.jspecify.annotations.NullMarked;
