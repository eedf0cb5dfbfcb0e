/** The Kafka port of a node: its listener, and the handlers of all APIs. */
@NullMarked
package io.millrace.server.kafka;

import org.jspecify.annotations.NullMarked;
