package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientTracing;
import io.millrace.client.observation.SendSpan;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.RecordHeader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A decorator that ends the span of a traced record with its outcome. Owner: as for the {@link
 * PendingBatch}.
 */
final class TracedDelivery implements DeliveryListener {

    /** The maximum size that the trace context adds to a record. */
    static final int HEADER_BOUND_BYTES = 10 + 3 * ClientTracing.HEADER.length() + 55;

    private final OutgoingRecord record;
    private final SendSpan span;
    private final DeliveryListener delegate;

    private TracedDelivery(OutgoingRecord record, SendSpan span, DeliveryListener delegate) {
        this.record = record;
        this.span = span;
        this.delegate = delegate;
    }

    /** Returns empty if the record is not traced. */
    static Optional<TracedDelivery> start(
            ClientTracing tracing, OutgoingRecord record, DeliveryListener delegate) {
        return tracing.send(record)
                .map(span ->
                        new TracedDelivery(withHeader(record, span.traceparent()), span, delegate));
    }

    /** Returns the record with the trace context as a header. */
    OutgoingRecord record() {
        return record;
    }

    String traceparent() {
        return span.traceparent();
    }

    /** Ends the span of a record that was rejected before it was in a batch. */
    void notSent(MillraceException failure) {
        span.failed(failure);
    }

    @Override
    public void stored(ProduceResult batch, int index) {
        span.stored(batch.offset() < 0 ? batch.offset() : batch.offset() + index);
        delegate.stored(batch, index);
    }

    @Override
    public void failed(MillraceException failure) {
        span.failed(failure);
        delegate.failed(failure);
    }

    private static OutgoingRecord withHeader(OutgoingRecord record, String traceparent) {
        List<RecordHeader> headers = new ArrayList<>(record.headers());
        headers.removeIf(header -> header.key().equals(ClientTracing.HEADER));
        headers.add(
                new RecordHeader(
                        ClientTracing.HEADER, traceparent.getBytes(StandardCharsets.US_ASCII)));
        return record.withHeaders(headers);
    }
}
