package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;

/**
 * Learns what became of records. Called on the client's I/O thread, or on the thread that closes
 * the producer: it must return soon, and must not block. One listener may serve many records.
 */
public interface DeliveryListener {

    /**
     * A record is stored.
     *
     * @param batch what is common to the records of its batch; its offset is the first one's
     * @param index the record's place in the batch, so that its offset is the batch's plus this
     */
    void stored(ProduceResult batch, int index);

    /** A record is not stored, or, with {@link MillraceException.OutcomeUnknown}, perhaps. */
    void failed(MillraceException failure);
}
