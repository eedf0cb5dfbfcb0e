/** The deterministic state machine of the metadata log. */
@NullMarked
package io.millrace.metadata.state;

import org.jspecify.annotations.NullMarked;
