/**
 * The deterministic state machine of the metadata log: applies each entry and computes its
 * outcomes.
 */
@NullMarked
package io.millrace.metadata.state;

import org.jspecify.annotations.NullMarked;
