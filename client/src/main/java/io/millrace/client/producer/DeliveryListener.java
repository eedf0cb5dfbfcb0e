package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;

/**
 * A callback for the outcome of records. Called on the client's I/O thread, or on the thread that
 * closes the producer; must not block. May serve many records.
 */
public interface DeliveryListener {

    /**
     * Called when a record is stored.
     *
     * @param batch the result of the batch, with the offset of the first record
     * @param index the index of the record in the batch
     */
    void stored(ProduceResult batch, int index);

    /**
     * Called when a record is not stored or, with {@link MillraceException.OutcomeUnknown}, may not
     * be stored.
     */
    void failed(MillraceException failure);
}
