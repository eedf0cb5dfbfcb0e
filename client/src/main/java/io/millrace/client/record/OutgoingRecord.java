package io.millrace.client.record;

import io.millrace.client.producer.ProducerSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to be written. The arrays are not copied before {@code send} returns, and with {@link
 * ProducerSettings#asRecords} not before the record is acknowledged: leave them alone until then.
 *
 * @param topic where to
 * @param partition from 0, or {@link #BY_KEY}
 * @param key null means that there is none, which is not the same as an empty one
 * @param value null means a tombstone in a compacted topic
 * @param headers in order
 * @param timestampMs when the event happened, in milliseconds since 1970-01-01T00:00:00Z, or {@link
 *     #NOW}
 */
@SuppressWarnings("ArrayRecordComponent") // records are compared by nobody
public record OutgoingRecord(
        String topic,
        int partition,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<RecordHeader> headers,
        long timestampMs) {

    /**
     * Leaves the partition to the producer: by murmur2 of the key, as Kafka's clients do; records
     * without key stay on one partition until its batch is full, and then go on to the next.
     */
    public static final int BY_KEY = -1;

    /** Leaves the timestamp to the producer. */
    public static final long NOW = -1;

    // Spelled out, because a compact constructor loses @Nullable for those who compile against it.
    public OutgoingRecord(
            String topic,
            int partition,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            long timestampMs) {
        if (timestampMs < NOW) {
            throw new IllegalArgumentException(
                    "a record of %d; set milliseconds since 1970, or NOW".formatted(timestampMs));
        }
        this.topic = topic;
        this.partition = partition;
        this.key = key;
        this.value = value;
        this.headers = List.copyOf(headers);
        this.timestampMs = timestampMs;
    }

    /** A record of now, with key, for the partition that its key maps to. */
    public static OutgoingRecord of(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        return new OutgoingRecord(topic, BY_KEY, key, value, List.of(), NOW);
    }

    /** The same record for a partition of the caller's choice. */
    public OutgoingRecord toPartition(int number) {
        return new OutgoingRecord(topic, number, key, value, headers, timestampMs);
    }

    /** The same record with a time of the caller's choice. */
    public OutgoingRecord at(long milliseconds) {
        return new OutgoingRecord(topic, partition, key, value, headers, milliseconds);
    }

    /** The same record with other headers. */
    public OutgoingRecord withHeaders(List<RecordHeader> others) {
        return new OutgoingRecord(topic, partition, key, value, others, timestampMs);
    }
}
