/** The replica of the metadata: the shell around the state machine. */
@NullMarked
package io.millrace.metadata.replica;

import org.jspecify.annotations.NullMarked;
