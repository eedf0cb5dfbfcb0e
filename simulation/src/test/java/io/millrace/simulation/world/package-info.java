/** Tests of {@code io.millrace.simulation.world}. */
@NullMarked
package io.millrace.simulation.world;

import org.jspecify.annotations.NullMarked;
