package io.millrace.cli.verify.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The records that prove something: who sent which, and a hash over that, the hash of the record
 * that this producer sent to this partition before, and the bytes that fill the record up. All of
 * it follows from the run, so that a reader can tell every byte of a record without having kept it.
 * Not thread-safe.
 *
 * <pre>
 * 0   run 8 | producer 4 | partition 4 | sequence 8 | previous hash 8
 * 32  hash 8
 * 40  noise
 * </pre>
 */
public final class RecordContent {

    /** Bytes of the smallest record. */
    public static final int MIN_BYTES = 40;

    private static final int HASH_AT = 32;

    private final long run;
    private final int sizeBytes;
    private final Keys keys;
    private final MessageDigest sha256;

    /**
     * What a record says about itself.
     *
     * @param run of which run of the command it is
     * @param producer who sent it, from 0
     * @param partition where it was sent to
     * @param sequence the producer's number for it in that partition, from 0
     * @param previous hash of the one before it there; 0 before the first
     * @param hash over all the rest
     */
    public record Claim(
            long run, int producer, int partition, long sequence, long previous, long hash) {}

    /**
     * The keys of records. Each producer has its own, which it uses in turn.
     *
     * @param count of each producer in each partition; 0 for records without keys
     * @param isCompacted whether a record may go once there is a newer one of its key
     */
    public record Keys(int count, boolean isCompacted) {

        /** Records have none. */
        public static final Keys NONE = new Keys(0, false);
    }

    /**
     * @param run tells this run from all others; chosen at random
     * @param sizeBytes of each record
     */
    public RecordContent(long run, int sizeBytes, Keys keys) {
        if (sizeBytes < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "A record has at least " + MIN_BYTES + " bytes, not " + sizeBytes);
        }
        this.run = run;
        this.sizeBytes = sizeBytes;
        this.keys = keys;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java has SHA-256", impossible);
        }
    }

    long run() {
        return run;
    }

    /** How many keys each producer uses in turn; 0 if records have none. */
    int keys() {
        return keys.count;
    }

    /** Whether a record may go once there is a newer one of its key. */
    boolean isCompacted() {
        return keys.isCompacted;
    }

    /** The key of a record; null if records have none. */
    public byte @Nullable [] keyOf(int producer, long sequence) {
        return keys.count == 0
                ? null
                : (producer + "/" + sequence % keys.count).getBytes(StandardCharsets.US_ASCII);
    }

    /** Makes a record. */
    public byte[] make(int producer, int partition, long sequence, long previous) {
        byte[] bytes = new byte[sizeBytes];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putLong(run).putInt(producer).putInt(partition).putLong(sequence).putLong(previous);
        SplittableRandom noise =
                new SplittableRandom(run ^ sequence * 1_000_003 ^ producer * 65_537L ^ partition);
        buffer.position(MIN_BYTES);
        while (buffer.remaining() >= Long.BYTES) {
            buffer.putLong(noise.nextLong());
        }
        while (buffer.hasRemaining()) {
            buffer.put((byte) noise.nextInt());
        }
        sha256.update(bytes, 0, HASH_AT);
        sha256.update(bytes, MIN_BYTES, sizeBytes - MIN_BYTES);
        buffer.putLong(HASH_AT, ByteBuffer.wrap(sha256.digest()).getLong());
        return bytes;
    }

    /** The hash in a record. */
    public static long hashOf(byte[] record) {
        return ByteBuffer.wrap(record).getLong(HASH_AT);
    }

    /** Reads what a record says about itself; null if it is too short to say anything. */
    static @Nullable Claim claimOf(ByteBuffer record) {
        if (record.remaining() < MIN_BYTES) {
            return null;
        }
        ByteBuffer from = record.duplicate();
        return new Claim(
                from.getLong(),
                from.getInt(),
                from.getInt(),
                from.getLong(),
                from.getLong(),
                from.getLong());
    }
}
