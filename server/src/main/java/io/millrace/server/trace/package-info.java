/** Export of spans to an OpenTelemetry collector. Loaded only if tracing is configured. */
@NullMarked
package io.millrace.server.trace;

import org.jspecify.annotations.NullMarked;
