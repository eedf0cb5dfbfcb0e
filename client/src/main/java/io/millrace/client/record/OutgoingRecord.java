package io.millrace.client.record;

import io.millrace.client.producer.ProducerSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to be written. Do not modify the arrays before {@code send} returns or, with {@link
 * ProducerSettings#asRecords}, before the record is acknowledged.
 *
 * @param partition the number of the partition from 0, or {@link #BY_KEY}
 * @param key the key; null for no key, which differs from an empty key
 * @param value the value; null is a tombstone in a compacted topic
 * @param timestampMs the time of the event in milliseconds since 1970-01-01T00:00:00Z, or {@link
 *     #NOW}
 */
@SuppressWarnings("ArrayRecordComponent") // records are never compared
public record OutgoingRecord(
        String topic,
        int partition,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<RecordHeader> headers,
        long timestampMs) {

    /**
     * Lets the producer choose the partition: by murmur2 of the key, as Kafka's clients do. Records
     * without key fill a batch of one partition before the next partition.
     */
    public static final int BY_KEY = -1;

    /** Lets the producer set the timestamp. */
    public static final long NOW = -1;

    // Explicit, because a compact constructor loses @Nullable for code compiled against this class.
    public OutgoingRecord(
            String topic,
            int partition,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            long timestampMs) {
        if (timestampMs < NOW) {
            throw new IllegalArgumentException(
                    "Invalid timestamp %d: use milliseconds since 1970, or NOW"
                            .formatted(timestampMs));
        }
        this.topic = topic;
        this.partition = partition;
        this.key = key;
        this.value = value;
        this.headers = List.copyOf(headers);
        this.timestampMs = timestampMs;
    }

    /** Returns a record with the current time, for the partition of its key. */
    public static OutgoingRecord of(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        return new OutgoingRecord(topic, BY_KEY, key, value, List.of(), NOW);
    }

    public OutgoingRecord withPartition(int number) {
        return new OutgoingRecord(topic, number, key, value, headers, timestampMs);
    }

    public OutgoingRecord withTimestamp(long milliseconds) {
        return new OutgoingRecord(topic, partition, key, value, headers, milliseconds);
    }

    public OutgoingRecord withHeaders(List<RecordHeader> others) {
        return new OutgoingRecord(topic, partition, key, value, others, timestampMs);
    }
}
