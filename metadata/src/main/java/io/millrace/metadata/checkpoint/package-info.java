/** Encoding of checkpoints as objects. */
@NullMarked
package io.millrace.metadata.checkpoint;

import org.jspecify.annotations.NullMarked;
