/** The record batch format, as far as the hot path reads it. */
@NullMarked
package io.millrace.protocol.batch;

import org.jspecify.annotations.NullMarked;
