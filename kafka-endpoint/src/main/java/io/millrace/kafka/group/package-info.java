/** Handlers of requests of consumer groups, with both protocols of Kafka's members. */
@NullMarked
package io.millrace.kafka.group;

import org.jspecify.annotations.NullMarked;
