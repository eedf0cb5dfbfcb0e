/** The wire format of the Kafka protocol on Netty buffers: frames, headers and messages. */
@NullMarked
package io.millrace.kafka.wire;

import org.jspecify.annotations.NullMarked;
