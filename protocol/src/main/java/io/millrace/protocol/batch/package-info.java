/** The record batch format: headers, validation and iteration without decoding records. */
@NullMarked
package io.millrace.protocol.batch;

import org.jspecify.annotations.NullMarked;
