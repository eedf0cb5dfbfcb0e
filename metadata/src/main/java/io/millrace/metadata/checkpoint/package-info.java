/** Encoding of checkpoints: a snapshot of the whole state as one object. */
@NullMarked
package io.millrace.metadata.checkpoint;

import org.jspecify.annotations.NullMarked;
