package io.millrace.client.observation.opentelemetry;

import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientTracing;
import io.millrace.client.observation.SendSpan;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.record.RecordHeader;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Traces records with OpenTelemetry. A record that is sent while a sampled span is current gets a
 * span {@code send TOPIC}. A consumer continues the trace with {@link #process}. Thread-safe.
 */
public final class OpenTelemetryTracing implements ClientTracing {

    private final Tracer tracer;

    public OpenTelemetryTracing(OpenTelemetry telemetry) {
        this.tracer = telemetry.getTracer("io.millrace.client");
    }

    @Override
    public Optional<SendSpan> send(OutgoingRecord record) {
        SpanContext current = Span.current().getSpanContext();
        if (!current.isValid() || !current.isSampled()) {
            return Optional.empty();
        }
        Span span =
                tracer.spanBuilder("send " + record.topic())
                        .setSpanKind(SpanKind.PRODUCER)
                        .setAttribute("messaging.system", "millrace")
                        .setAttribute("messaging.destination.name", record.topic())
                        .startSpan();
        return Optional.of(new OpenSpan(span));
    }

    /**
     * Starts the span {@code process TOPIC} of a record, as a child of the span that sent it. The
     * caller makes the span current while it handles the record, and ends it.
     */
    public Span process(ReadRecord record) {
        return tracer.spanBuilder("process " + record.partition().topic())
                .setParent(contextOf(record))
                .setSpanKind(SpanKind.CONSUMER)
                .setAttribute("messaging.system", "millrace")
                .setAttribute("messaging.destination.name", record.partition().topic())
                .setAttribute(
                        "messaging.destination.partition.id",
                        Integer.toString(record.partition().partition()))
                .setAttribute("millrace.offset", record.offset())
                .startSpan();
    }

    /** Returns the context of the span that sent the record; the root if the record has none. */
    public static Context contextOf(ReadRecord record) {
        return W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), record, RecordHeaders.INSTANCE);
    }

    private static final class OpenSpan implements SendSpan {
        private final Span span;

        OpenSpan(Span span) {
            this.span = span;
        }

        @Override
        public String traceparent() {
            SpanContext context = span.getSpanContext();
            return "00-"
                    + context.getTraceId()
                    + "-"
                    + context.getSpanId()
                    + "-"
                    + context.getTraceFlags().asHex();
        }

        @Override
        public void stored(long offset) {
            span.setAttribute("millrace.offset", offset);
            span.end();
        }

        @Override
        public void failed(MillraceException failure) {
            span.setStatus(StatusCode.ERROR, String.valueOf(failure.getMessage()));
            span.end();
        }
    }

    private enum RecordHeaders implements TextMapGetter<ReadRecord> {
        INSTANCE;

        @Override
        public Iterable<String> keys(ReadRecord record) {
            return record.headers().stream().map(RecordHeader::key).toList();
        }

        @Override
        public @Nullable String get(@Nullable ReadRecord record, String key) {
            List<RecordHeader> headers = record == null ? List.of() : record.headers();
            for (RecordHeader header : headers) {
                byte[] value = header.value();
                if (value != null && header.key().equals(key)) {
                    return new String(value, StandardCharsets.UTF_8);
                }
            }
            return null;
        }
    }
}
