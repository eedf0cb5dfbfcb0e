package io.millrace.client.subscription;

import java.nio.ByteBuffer;

/**
 * Batches of one partition received in one message. Immutable, including the memory.
 *
 * @param bytes the complete batches, consecutively
 * @param wanted the offset of the first wanted record
 * @param end the offset after the last record
 * @param records the number of records as credits count them
 * @param highWatermark the high watermark at the time of sending
 */
record ReceivedBatches(ByteBuffer bytes, long wanted, long end, long records, long highWatermark) {

    int sizeBytes() {
        return bytes.limit();
    }
}
