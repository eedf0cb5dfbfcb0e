/** The simulation as tests. */
@NullMarked
package io.millrace.simulation;

import org.jspecify.annotations.NullMarked;
