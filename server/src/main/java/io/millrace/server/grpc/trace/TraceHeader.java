package io.millrace.server.grpc.trace;

import io.grpc.Metadata;
import io.millrace.runtime.trace.TraceContext;
import java.util.Optional;

/** The header {@code traceparent} of a call. */
public final class TraceHeader {

    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

    private TraceHeader() {}

    /** Returns the trace context of a call; empty if there is none or it is invalid. */
    public static Optional<TraceContext> of(Metadata headers) {
        String text = headers.get(TRACEPARENT);
        return text == null ? Optional.empty() : TraceContext.parse(text);
    }
}
