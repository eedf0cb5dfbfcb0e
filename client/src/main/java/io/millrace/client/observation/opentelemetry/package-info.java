/** Traces of a client by OpenTelemetry. Requires opentelemetry-api. */
@NullMarked
package io.millrace.client.observation.opentelemetry;

import org.jspecify.annotations.NullMarked;
