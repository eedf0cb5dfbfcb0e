/** The state of idempotent producers. */
@NullMarked
package io.millrace.metadata.state.producer;

import org.jspecify.annotations.NullMarked;
