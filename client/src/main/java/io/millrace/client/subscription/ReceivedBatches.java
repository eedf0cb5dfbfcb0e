package io.millrace.client.subscription;

import java.nio.ByteBuffer;

/**
 * Batches of a partition received in a message. Immutable, including the memory.
 *
 * @param wanted the offset of the first wanted record
 * @param end the offset after the last record
 * @param records the number of records as credits count them
 */
record ReceivedBatches(ByteBuffer bytes, long wanted, long end, long records, long highWatermark) {

    int sizeBytes() {
        return bytes.limit();
    }
}
