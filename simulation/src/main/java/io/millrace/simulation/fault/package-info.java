/** Faults that are injected as the seed determines. */
@NullMarked
package io.millrace.simulation.fault;

import org.jspecify.annotations.NullMarked;
