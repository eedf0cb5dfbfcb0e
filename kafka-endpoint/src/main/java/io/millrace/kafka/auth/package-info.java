/** Authentication of Kafka clients by certificates and SASL. */
@NullMarked
package io.millrace.kafka.auth;

import org.jspecify.annotations.NullMarked;
