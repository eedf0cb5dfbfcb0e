package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.MillraceClient;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends numbered records to all partitions of a topic, from zero in each, through the client's
 * producer and on a thread of its own, and keeps what became of each.
 */
final class NumberedProducer implements AutoCloseable {

    /**
     * What became of a record.
     *
     * @param offset where it is stored; -1 if it is stored at an offset that the server forgot
     * @param failure null if it is stored
     */
    record Sent(long offset, @Nullable Throwable failure) {}

    private final Producer producer;
    private final String topic;
    private final List<List<CompletableFuture<ProduceResult>>> sent = new ArrayList<>();
    private final Semaphore settled = new Semaphore(0);
    private final Thread thread;
    private volatile @Nullable Throwable fault;
    private volatile boolean stopped;

    NumberedProducer(MillraceClient client, String topic, int partitions) {
        this.topic = topic;
        // Small batches and little memory: many are in flight, and the caller is held up often.
        this.producer =
                client.producer(
                        ProducerSettings.builder()
                                .batchBytes(2_048)
                                .bufferBytes(256 * 1024)
                                .linger(Duration.ofMillis(2))
                                .build());
        for (int p = 0; p < partitions; p++) {
            sent.add(new ArrayList<>());
        }
        this.thread = Thread.ofPlatform().name("numbered-producer").start(this::run);
    }

    /** The value of a record; {@link #numberIn} reads it. */
    private static byte[] value(int number) {
        return (number + " " + "x".repeat(number % 200)).getBytes(UTF_8);
    }

    static int numberIn(String value) {
        return Integer.parseInt(value.substring(0, value.indexOf(' ')));
    }

    private void run() {
        try {
            for (int number = 0; !stopped; number++) {
                for (int p = 0; p < sent.size(); p++) {
                    CompletableFuture<ProduceResult> future =
                            producer.send(
                                    OutgoingRecord.of(topic, null, value(number)).toPartition(p));
                    sent.get(p).add(future);
                    var unused = future.whenComplete((stored, failure) -> settled.release());
                }
            }
        } catch (RuntimeException | Error thrown) {
            fault = thrown;
        }
    }

    /** Waits until so many records more were stored or failed. */
    void awaitMore(int records, Duration bound) {
        try {
            settled.drainPermits();
            if (!settled.tryAcquire(records, bound.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("no progress in " + bound, fault);
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** Sends no more, and says for each partition what became of its records, in their order. */
    List<List<Sent>> stop() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        if (fault != null) {
            throw new AssertionError("to send failed", fault);
        }
        producer.flush();
        return sent.stream()
                .map(futures -> futures.stream().map(NumberedProducer::outcome).toList())
                .toList();
    }

    private static Sent outcome(CompletableFuture<ProduceResult> future) {
        return future.handle((stored, failure) ->
                        failure == null ? new Sent(stored.offset(), null) : new Sent(-1, failure))
                .getNow(new Sent(-1, new AssertionError("not settled by flush")));
    }

    @Override
    public void close() {
        stopped = true;
        producer.close(Duration.ofSeconds(5));
    }
}
