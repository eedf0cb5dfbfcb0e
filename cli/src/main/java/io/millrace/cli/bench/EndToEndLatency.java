package io.millrace.cli.bench;

import io.millrace.cli.terminal.RatePacer;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.record.ReadRecord;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * The latency of records from their due time, and from the acknowledgement, to their delivery. A
 * value begins with its due time. Thread-safe.
 */
final class EndToEndLatency {

    private record RecordPosition(TopicPartition partition, long offset) {}

    private final Histogram sinceDueMicros = new ConcurrentHistogram(3);
    private final Histogram sinceStoredMicros = new ConcurrentHistogram(3);

    /** The time of the first of two events, acknowledgement and delivery, until the second. */
    private final Map<RecordPosition, Long> firstNanos = new ConcurrentHashMap<>();

    private final LongAdder delivered = new LongAdder();
    private final AtomicLong lastNanos = new AtomicLong(RatePacer.now());

    static byte[] valueDueAt(byte[] noise, long dueNanos) {
        byte[] value = noise.clone();
        ByteBuffer.wrap(value).putLong(0, dueNanos);
        return value;
    }

    void onStored(ProduceResult batch, int index) {
        long now = RatePacer.now();
        Long before =
                firstNanos.putIfAbsent(
                        new RecordPosition(batch.partition(), batch.offset() + index), now);
        if (before != null) {
            // Acknowledgement and delivery ran in parallel.
            firstNanos.remove(new RecordPosition(batch.partition(), batch.offset() + index));
            sinceStoredMicros.recordValue(0);
        }
    }

    void delivered(ReadRecord record) {
        long now = RatePacer.now();
        ByteBuffer value = record.value();
        if (value == null || value.remaining() < Long.BYTES) {
            return;
        }
        sinceDueMicros.recordValue(Math.max(0, (now - value.getLong(value.position())) / 1000));
        RecordPosition place = new RecordPosition(record.partition(), record.offset());
        Long before = firstNanos.putIfAbsent(place, now);
        if (before != null) {
            firstNanos.remove(place);
            sinceStoredMicros.recordValue(Math.max(0, (now - before) / 1000));
        }
        delivered.increment();
        lastNanos.set(now);
    }

    long delivered() {
        return delivered.sum();
    }

    long nanosSinceDelivery() {
        return RatePacer.now() - lastNanos.get();
    }

    Histogram sinceDueMicros() {
        return sinceDueMicros;
    }

    Histogram sinceStoredMicros() {
        return sinceStoredMicros;
    }
}
