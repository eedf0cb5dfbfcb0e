package io.millrace.cli.verify.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Content of verifiable records: the record's identity, the hash of the previous record of the same
 * producer and partition, a hash, and filler bytes. The content follows from the run's id, so that
 * a reader can verify every byte without a copy of the record. Not thread-safe.
 *
 * <pre>
 * 0   run 8 | producer 4 | partition 4 | sequence 8 | previous hash 8
 * 32  hash 8
 * 40  noise
 * </pre>
 */
public final class RecordContent {

    /** Minimum size of a record in bytes. */
    public static final int MIN_BYTES = 40;

    private static final int HASH_AT = 32;

    private final long run;
    private final int sizeBytes;
    private final Keys keys;
    private final MessageDigest sha256;

    /**
     * Identity of a record as stored in its header.
     *
     * @param run the id of the run
     * @param producer the number of the producer, from 0
     * @param partition the partition the record was sent to
     * @param sequence the producer's sequence number in that partition, from 0
     * @param previous the hash of the previous record; 0 for the first
     * @param hash the hash over all other bytes
     */
    public record RecordIdentity(
            long run, int producer, int partition, long sequence, long previous, long hash) {}

    /**
     * Keys of records. Producers do not share keys; each uses its own in turn.
     *
     * @param count the number of keys of each producer in each partition; 0 for records without
     *     keys
     * @param isCompacted true if a record may be removed once there is a newer record of the same
     *     key
     */
    public record Keys(int count, boolean isCompacted) {

        /** No keys. */
        public static final Keys NONE = new Keys(0, false);
    }

    /**
     * @param run the id of the run, chosen at random
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

    /** Returns the number of keys per producer; 0 if records have none. */
    int keys() {
        return keys.count;
    }

    /** Returns whether a record may be removed once there is a newer record of the same key. */
    boolean isCompacted() {
        return keys.isCompacted;
    }

    /** Returns the key of a record; null if records have none. */
    public byte @Nullable [] keyOf(int producer, long sequence) {
        return keys.count == 0
                ? null
                : (producer + "/" + sequence % keys.count).getBytes(StandardCharsets.US_ASCII);
    }

    /** Returns the value of a record. */
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

    /** Returns the hash stored in a record. */
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
