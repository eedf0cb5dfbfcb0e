package io.millrace.cli.verify.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The content of verifiable records. It follows from the run's id, so that a reader can verify
 * every byte without a copy. Not thread-safe.
 *
 * <pre>
 * 0   run 8 | producer 4 | partition 4 | sequence 8 | previous hash 8
 * 32  hash 8
 * 40  noise
 * </pre>
 */
public final class RecordContent {

    public static final int MIN_BYTES = 40;

    private static final int HASH_AT = 32;

    private final long run;
    private final int sizeBytes;
    private final Keys keys;
    private final MessageDigest sha256;

    /**
     * The identity of a record as stored in its header.
     *
     * @param sequence the producer's sequence number in that partition, from 0
     * @param previous the hash of the previous record; 0 for the first
     * @param hash the hash over all other bytes
     */
    public record RecordIdentity(
            long run, int producer, int partition, long sequence, long previous, long hash) {}

    /**
     * The keys of records. Each producer uses separate keys in turn.
     *
     * @param count the number of keys of each producer in each partition; 0 for no keys
     * @param isCompacted true if a newer record of the same key may replace a record
     */
    public record Keys(int count, boolean isCompacted) {

        public static final Keys NONE = new Keys(0, false);
    }

    /**
     * @param run a random id
     * @param sizeBytes the size of each record
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
            throw new IllegalStateException("Every Java platform has SHA-256", impossible);
        }
    }

    long run() {
        return run;
    }

    int keys() {
        return keys.count;
    }

    boolean isCompacted() {
        return keys.isCompacted;
    }

    /** Returns the key of a record; null without keys. */
    public byte @Nullable [] keyOf(int producer, long sequence) {
        return keys.count == 0
                ? null
                : (producer + "/" + sequence % keys.count).getBytes(StandardCharsets.US_ASCII);
    }

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

    public static long hashOf(byte[] record) {
        return ByteBuffer.wrap(record).getLong(HASH_AT);
    }

    /** Parses a record's header; null if the record is too short. */
    static @Nullable RecordIdentity identityOf(ByteBuffer record) {
        if (record.remaining() < MIN_BYTES) {
            return null;
        }
        ByteBuffer from = record.duplicate();
        return new RecordIdentity(
                from.getLong(),
                from.getInt(),
                from.getInt(),
                from.getLong(),
                from.getLong(),
                from.getLong());
    }
}
