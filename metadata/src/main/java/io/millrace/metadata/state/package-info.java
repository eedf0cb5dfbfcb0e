/** The deterministic state machine: no clock, no randomness, no I/O, no threads. */
@NullMarked
package io.millrace.metadata.state;

import org.jspecify.annotations.NullMarked;
