package io.millrace.protocol.batch;

import java.nio.ByteBuffer;

/** Makes arbitrary bytes pass the checks of magic, length and checksum. */
public final class SealedBatch {

    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;

    private SealedBatch() {}

    /** Returns a copy of at least {@link BatchHeader#BYTES} bytes as one batch. */
    public static byte[] of(byte[] bytes) {
        byte[] batch = bytes.clone();
        ByteBuffer fields = ByteBuffer.wrap(batch);
        fields.putInt(LENGTH_AT, batch.length - BatchHeader.LENGTH_OVERHEAD);
        fields.put(MAGIC_AT, BatchHeader.MAGIC);
        fields.putInt(CRC_AT, BatchHeader.computeCrc(batch, 0, batch.length));
        return batch;
    }
}
