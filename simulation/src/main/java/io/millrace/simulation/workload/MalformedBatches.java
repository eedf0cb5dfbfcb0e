package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.protocol.batch.BatchHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Batches of a faulty producer: the checksum is correct, and some fields or records are wrong. */
final class MalformedBatches {

    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int BASE_TIMESTAMP_AT = 27;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int BASE_SEQUENCE_AT = 53;
    private static final int RECORD_COUNT_AT = 57;
    private static final int MAX_FAULTS = 3;

    /** An id that no cluster allocates in a run. */
    private static final long FOREIGN_PRODUCER = 1L << 60;

    private MalformedBatches() {}

    static ByteString random(SplittableRandom random, long timestampMs) {
        byte[] bytes =
                SimulatedBatches.batch(
                                SimulatedBatches.Stamp.NONE,
                                timestampMs,
                                random.nextInt(1_000_000),
                                1 + random.nextInt(5))
                        .toByteArray();
        for (int i = 1 + random.nextInt(MAX_FAULTS); i > 0; i--) {
            bytes = changed(random, bytes);
        }
        if (bytes.length >= BatchHeader.BYTES) {
            ByteBuffer.wrap(bytes).putInt(CRC_AT, BatchHeader.computeCrc(bytes, 0, bytes.length));
        }
        return ByteString.copyFrom(bytes);
    }

    private static byte[] changed(SplittableRandom random, byte[] bytes) {
        if (bytes.length < BatchHeader.BYTES) {
            return bytes;
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        switch (random.nextInt(12)) {
            case 0 -> header.putInt(RECORD_COUNT_AT, oddNumber(random));
            case 1 -> header.putInt(LAST_OFFSET_DELTA_AT, oddNumber(random));
            case 2 -> {
                int count = 1 + random.nextInt(8);
                header.putInt(RECORD_COUNT_AT, count).putInt(LAST_OFFSET_DELTA_AT, count - 1);
            }
            case 3 -> header.putInt(LENGTH_AT, oddNumber(random));
            case 4 -> header.putLong(BASE_TIMESTAMP_AT, oddTime(random));
            case 5 -> header.putLong(MAX_TIMESTAMP_AT, oddTime(random));
            case 6 -> header.putShort(ATTRIBUTES_AT, (short) random.nextInt(8));
            case 7 -> header.putShort(ATTRIBUTES_AT, (short) (1 << random.nextInt(16)));
            case 8 -> header.put(MAGIC_AT, (byte) random.nextInt(4));
            case 9 ->
                    header.putLong(PRODUCER_ID_AT, random.nextInt(3) == 0 ? -1 : FOREIGN_PRODUCER)
                            .putShort(PRODUCER_EPOCH_AT, (short) (random.nextInt(3) - 1))
                            .putInt(BASE_SEQUENCE_AT, random.nextInt(3) - 1);
            case 10 -> {
                return resized(random, bytes);
            }
            default -> {
                int records = bytes.length - BatchHeader.BYTES;
                if (records > 0) {
                    bytes[BatchHeader.BYTES + random.nextInt(records)] ^=
                            (byte) (1 << random.nextInt(Byte.SIZE));
                }
            }
        }
        return bytes;
    }

    private static int oddNumber(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Integer.MAX_VALUE;
            case 3 -> Integer.MIN_VALUE;
            default -> random.nextInt(200);
        };
    }

    private static long oddTime(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Long.MIN_VALUE;
            default -> random.nextLong(1L << 41);
        };
    }

    /** Returns a batch with fewer bytes or more, usually with the correct length. */
    private static byte[] resized(SplittableRandom random, byte[] bytes) {
        byte[] other = Arrays.copyOf(bytes, random.nextInt(2 * bytes.length));
        if (other.length >= BatchHeader.BYTES && random.nextInt(4) > 0) {
            ByteBuffer.wrap(other).putInt(LENGTH_AT, other.length - LENGTH_AT - Integer.BYTES);
        }
        return other;
    }
}
