package io.millrace.client.observation;

import io.millrace.client.record.OutgoingRecord;
import java.util.Optional;

/**
 * Continues traces of the application with the records that it sends. A traced record carries the
 * header {@code traceparent} of the W3C recommendation "Trace Context", so that a consumer can
 * continue the trace; the node receives the trace context with the batch.
 */
@FunctionalInterface
public interface ClientTracing {

    /** The name of the record header with the trace context. */
    String HEADER = "traceparent";

    /** Traces no record. */
    ClientTracing OFF = record -> Optional.empty();

    /**
     * Starts the span of a record, on the thread that sends. Must not block.
     *
     * @return empty if the record is not traced
     */
    Optional<SendSpan> send(OutgoingRecord record);
}
