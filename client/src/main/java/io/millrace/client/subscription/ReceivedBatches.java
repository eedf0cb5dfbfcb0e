package io.millrace.client.subscription;

import java.nio.ByteBuffer;

/**
 * Batches of one partition that came in one message. Immutable, as is its memory.
 *
 * @param bytes whole batches, one behind the other
 * @param wanted offset of the first record that is wanted
 * @param end offset behind the last record
 * @param records as the credit counts them
 * @param highWatermark when they were sent
 */
record ReceivedBatches(ByteBuffer bytes, long wanted, long end, long records, long highWatermark) {

    int sizeBytes() {
        return bytes.limit();
    }
}
