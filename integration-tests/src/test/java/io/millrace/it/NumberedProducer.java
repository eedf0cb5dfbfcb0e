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
 * Sends numbered records, from zero in each partition of a topic, with the client's producer and a
 * thread of its own, and keeps the outcome of each.
 */
final class NumberedProducer implements AutoCloseable {

    /**
     * The outcome of a record.
     *
     * @param offset the offset; -1 if the record is stored but the server no longer has its offset
     * @param failure null if the record is stored
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
        // Small batches and little memory: many batches are in flight, and the caller blocks often.
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

    /** Returns the value of a record; {@link #numberIn} parses it. */
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
                                    OutgoingRecord.of(topic, null, value(number)).withPartition(p));
                    sent.get(p).add(future);
                    var unused = future.whenComplete((stored, failure) -> settled.release());
                }
            }
        } catch (RuntimeException | Error thrown) {
            fault = thrown;
        }
    }

    /** Waits until the given number of further records was stored or failed. */
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

    /** Stops and returns the outcomes of each partition's records in order. */
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
