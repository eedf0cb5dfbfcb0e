/** The state of idempotent producers: the last sequences of each producer and partition. */
@NullMarked
package io.millrace.metadata.state.producer;

import org.jspecify.annotations.NullMarked;
