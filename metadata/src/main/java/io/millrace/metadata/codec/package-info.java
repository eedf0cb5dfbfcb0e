/** Encoding of log entries, commands and outcomes as protobuf. */
@NullMarked
package io.millrace.metadata.codec;

import org.jspecify.annotations.NullMarked;
