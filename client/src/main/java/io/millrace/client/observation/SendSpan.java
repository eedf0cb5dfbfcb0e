package io.millrace.client.observation;

import io.millrace.client.error.MillraceException;

/**
 * The span of a sent record, until its outcome. Ended exactly once, on any thread; must not block.
 */
public interface SendSpan {

    /** Returns the span's trace context: 55 characters. */
    String traceparent();

    /** Ends the span of a stored record. */
    void stored(long offset);

    /** Ends the span of a record that is not stored or may not be stored. */
    void failed(MillraceException failure);
}
