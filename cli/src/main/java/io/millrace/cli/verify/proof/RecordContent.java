package io.millrace.cli.verify.proof;

import io.millrace.client.record.ReadRecord;
import io.millrace.client.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
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
    private static final int MAX_AGE_MS = 60_000;

    private final long run;
    private final int sizeBytes;
    private final Keys keys;
    private final Times times;
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
     * The timestamps of records, up to a minute before the start of the run.
     *
     * @param startMs the start of the run, in milliseconds since 1970-01-01T00:00:00Z
     * @param isOfAppend true if the topic replaces timestamps by the time of the append
     */
    public record Times(long startMs, boolean isOfAppend) {}

    /**
     * @param run a random id
     * @param sizeBytes the size of each record
     */
    public RecordContent(long run, int sizeBytes, Keys keys, Times times) {
        if (sizeBytes < MIN_BYTES) {
            throw new IllegalArgumentException(
                    "A record has at least " + MIN_BYTES + " bytes, not " + sizeBytes);
        }
        this.run = run;
        this.sizeBytes = sizeBytes;
        this.keys = keys;
        this.times = times;
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

    /** Returns the timestamp of a record; those of successive records are not in order. */
    public long timestampMsOf(int producer, long sequence) {
        return times.startMs - Math.floorMod((run ^ sequence * 7919 ^ producer), MAX_AGE_MS);
    }

    /** Returns no to three headers, one of them without a value, one with the name of another. */
    public List<RecordHeader> headersOf(int producer, long sequence) {
        List<RecordHeader> all =
                List.of(
                        new RecordHeader("sequence", bytes(run ^ sequence)),
                        new RecordHeader("", null),
                        new RecordHeader("sequence", bytes(producer)));
        return all.subList(0, (int) (sequence % (all.size() + 1)));
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    boolean hasHeadersOf(int producer, long sequence, ReadRecord found) {
        List<RecordHeader> sent = headersOf(producer, sequence);
        boolean isSame = sent.size() == found.headers().size();
        for (int i = 0; isSame && i < sent.size(); i++) {
            RecordHeader header = found.headers().get(i);
            isSame =
                    header.key().equals(sent.get(i).key())
                            && Arrays.equals(header.value(), sent.get(i).value());
        }
        return isSame;
    }

    boolean hasTimestampOf(int producer, long sequence, ReadRecord found) {
        return times.isOfAppend || found.timestampMs() == timestampMsOf(producer, sequence);
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
