package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.ReadRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Reads the records of a {@link NumberedProducer} from the start, on a thread of its own. */
final class NumberedReader implements AutoCloseable {

    record Seen(long offset, int number) {}

    private final Reader reader;
    private final List<List<Seen>> seen = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable Throwable fault;
    private volatile boolean stopped;

    NumberedReader(MillraceClient client, String topic, int partitions) {
        Map<TopicPartition, StartPosition> from = new HashMap<>();
        for (int p = 0; p < partitions; p++) {
            from.put(new TopicPartition(topic, p), StartPosition.beginning());
            seen.add(new ArrayList<>());
        }
        this.reader = client.reader(ReaderSettings.defaults(), from);
        Thread.ofPlatform().name("numbered-reader").daemon().start(this::run);
    }

    private void run() {
        try {
            while (!stopped) {
                take(reader.pollRecords(Duration.ofMillis(200)));
            }
        } catch (MillraceException.Closed closed) {
            // The test has ended.
        } catch (RuntimeException | Error thrown) {
            lock.lock();
            try {
                fault = thrown;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void take(List<ReadRecord> records) {
        lock.lock();
        try {
            for (ReadRecord record : records) {
                ByteBuffer bytes = Objects.requireNonNull(record.value());
                String value = UTF_8.decode(bytes.duplicate()).toString();
                seen.get(record.partition().partition())
                        .add(new Seen(record.offset(), NumberedProducer.numberIn(value)));
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until at least the given number of records of each partition was read. */
    void awaitCounts(int[] counts, Duration bound) {
        long left = bound.toNanos();
        lock.lock();
        try {
            while (fault == null && !complete(counts)) {
                if (left <= 0) {
                    throw new AssertionError(
                            "read only " + sizes() + " of " + Arrays.toString(counts));
                }
                left = changed.awaitNanos(left);
            }
            if (fault != null) {
                throw new AssertionError("to read failed", fault);
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        } finally {
            lock.unlock();
        }
    }

    private boolean complete(int[] counts) {
        for (int p = 0; p < counts.length; p++) {
            if (seen.get(p).size() < counts[p]) {
                return false;
            }
        }
        return true;
    }

    private List<Integer> sizes() {
        return seen.stream().map(List::size).toList();
    }

    /** Returns the records read from a partition, in the order of reading. */
    List<Seen> records(int partition) {
        lock.lock();
        try {
            return List.copyOf(seen.get(partition));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        stopped = true;
        reader.close();
    }
}
