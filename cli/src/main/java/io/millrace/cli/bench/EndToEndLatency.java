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
 * How long records take from when they are due, and from when their producer knows that they are
 * stored, until a consumer has them. A record begins with the time at which it is due. Thread-safe.
 */
final class EndToEndLatency {

    private record Place(TopicPartition partition, long offset) {}

    private final Histogram sinceDueMicros = new ConcurrentHistogram(3);
    private final Histogram sinceStoredMicros = new ConcurrentHistogram(3);

    /** When it was stored, or delivered, of records of which only one of both is known. */
    private final Map<Place, Long> firstNanos = new ConcurrentHashMap<>();

    private final LongAdder delivered = new LongAdder();
    private final AtomicLong lastNanos = new AtomicLong(RatePacer.now());

    /** A value that begins with the time at which it is due. */
    static byte[] due(byte[] noise, long dueNanos) {
        byte[] value = noise.clone();
        ByteBuffer.wrap(value).putLong(0, dueNanos);
        return value;
    }

    /** The producer hears that a record is stored. */
    void stored(ProduceResult batch, int index) {
        long now = RatePacer.now();
        Long before =
                firstNanos.putIfAbsent(new Place(batch.partition(), batch.offset() + index), now);
        if (before != null) {
            // It was on its way to both at once.
            firstNanos.remove(new Place(batch.partition(), batch.offset() + index));
            sinceStoredMicros.recordValue(0);
        }
    }

    /** A consumer has a record. */
    void delivered(ReadRecord record) {
        long now = RatePacer.now();
        ByteBuffer value = record.value();
        if (value == null || value.remaining() < Long.BYTES) {
            return;
        }
        sinceDueMicros.recordValue(Math.max(0, (now - value.getLong(value.position())) / 1000));
        Place place = new Place(record.partition(), record.offset());
        Long before = firstNanos.putIfAbsent(place, now);
        if (before != null) {
            firstNanos.remove(place);
            sinceStoredMicros.recordValue(Math.max(0, (now - before) / 1000));
        }
        delivered.increment();
        lastNanos.set(now);
    }

    /** Records that a consumer has. */
    long delivered() {
        return delivered.sum();
    }

    /** Nanoseconds since the last of them came. */
    long silenceNanos() {
        return RatePacer.now() - lastNanos.get();
    }

    Histogram sinceDueMicros() {
        return sinceDueMicros;
    }

    Histogram sinceStoredMicros() {
        return sinceStoredMicros;
    }
}
