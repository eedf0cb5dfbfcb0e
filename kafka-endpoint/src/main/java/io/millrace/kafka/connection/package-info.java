/** Connections of Kafka clients: requests, their handlers and their answers in order. */
@NullMarked
package io.millrace.kafka.connection;

import org.jspecify.annotations.NullMarked;
