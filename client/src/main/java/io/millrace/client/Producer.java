package io.millrace.client;

import com.google.protobuf.UnsafeByteOperations;
import io.millrace.protocol.v1.RecordSet;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to partitions. Thread-safe; one producer serves any number of threads and topics.
 *
 * <p>Records are gathered into a batch for each partition, which goes out when it is full, when it
 * has waited for {@link ProducerSettings#linger}, or at {@link #flush}. Within a partition the
 * records of one thread are stored in the order in which they were sent. With {@link
 * ProducerSettings#idempotent}, which is the default, retries neither duplicate nor reorder them
 * ({@link Verdict} has the rules). Without it a batch that is sent again may come behind later
 * ones, and one whose answer is lost fails with {@link MillraceException.OutcomeUnknown}.
 *
 * <p>Memory is bounded by {@link ProducerSettings#bufferBytes}: past it {@link #send} blocks its
 * caller, and {@link #trySend} says no. Callers fill the open batch of a partition themselves,
 * under that partition's monitor; everything behind it belongs to the client's I/O thread.
 */
public final class Producer implements AutoCloseable {

    /** A topic that records were sent to. */
    private record KnownTopic(PartitionQueue[] queues, Partitions partitions) {}

    /** A batch, and when it goes out even if it is not full. */
    private record Lingering(PendingBatch batch, long dueNanos) {}

    private final ProducerSettings settings;
    private final IoThread io;
    private final InstantSource clock;
    private final Topics topics;
    private final MemoryBudget budget;
    private final Sender sender;
    private final Map<String, CompletableFuture<KnownTopic>> known = new ConcurrentHashMap<>();
    private final Queue<Lingering> lingering = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean lingerScheduled = new AtomicBoolean();
    private volatile boolean closed;

    Producer(
            ProducerSettings settings,
            IoThread io,
            InstantSource clock,
            Topics topics,
            Connection connection,
            Backoff backoff) {
        this.settings = settings;
        this.io = io;
        this.clock = clock;
        this.topics = topics;
        this.budget = new MemoryBudget(settings.bufferBytes());
        this.sender = new Sender(settings, io, connection, budget, backoff);
    }

    /**
     * Sends a record; blocks while the buffer is full.
     *
     * @return completes, on the client's I/O thread, when the record is stored, or with a {@link
     *     MillraceException}
     * @throws MillraceException if the buffer stays full, or the topic cannot be looked up, for
     *     {@link ProducerSettings#maxBlock}
     */
    public CompletableFuture<Stored> send(OutgoingRecord record) {
        FutureDelivery delivery = new FutureDelivery();
        send(record, delivery);
        return delivery.future;
    }

    /** The same with a listener, which costs less than a future where it serves many records. */
    public void send(OutgoingRecord record, DeliveryListener listener) {
        KnownTopic topic = topic(record.topic());
        int bound = BatchWriter.sizeBound(record.key(), record.value(), record.headers());
        if (!budget.tryTake(bound)) {
            awaitRoom(bound);
        }
        append(topic, record, bound, listener);
    }

    /**
     * Sends a record if that is possible without blocking.
     *
     * @return the same as {@link #send}; empty while the buffer is full or the topic is not looked
     *     up yet. {@link #whenReady} says when another try is worthwhile
     */
    public Optional<CompletableFuture<Stored>> trySend(OutgoingRecord record) {
        CompletableFuture<KnownTopic> topic = lookUp(record.topic());
        if (!topic.isDone()) {
            return Optional.empty();
        }
        KnownTopic found = Calls.await(topic, Duration.ZERO, "Looking up the topic");
        int bound = BatchWriter.sizeBound(record.key(), record.value(), record.headers());
        if (!budget.tryTake(bound)) {
            sealAll();
            return Optional.empty();
        }
        FutureDelivery delivery = new FutureDelivery();
        append(found, record, bound, delivery);
        return Optional.of(delivery.future);
    }

    /** Completes when the topic is looked up and the buffer has some room. */
    public CompletableFuture<Void> whenReady(String topic) {
        return lookUp(topic)
                .thenCompose(found -> {
                    CompletableFuture<Void> released = budget.whenReleased();
                    if (budget.heldBytes() < settings.bufferBytes()) {
                        released.complete(null);
                    }
                    return released;
                });
    }

    /**
     * Sends a ready-made Kafka RecordBatch (magic 2) as it is: no sequence is set, and it is sent
     * again only if the server said that it was not stored. Blocks while the buffer is full.
     *
     * @param batch not copied: leave it alone until it is acknowledged
     */
    public CompletableFuture<Stored> sendBatch(String topic, int partition, byte[] batch) {
        KnownTopic found = topic(topic);
        if (!budget.tryTake(batch.length)) {
            awaitRoom(batch.length);
        }
        PartitionQueue queue = queueOf(found, topic, partition, batch.length);
        PendingBatch pending =
                new PendingBatch(
                        queue,
                        io.nanoTime(),
                        new BatchPayload.Ready(UnsafeByteOperations.unsafeWrap(batch)));
        FutureDelivery delivery = new FutureDelivery();
        pending.fill(1, batch.length, delivery);
        pending.finished = true;
        synchronized (queue) {
            submit(queue.detach());
            submit(pending);
        }
        sender.wake();
        return delivery.future;
    }

    /**
     * Why records wait and are tried again, such as a server that is away or has no room; empty
     * while nothing waits or all goes well. They fail only when their time is over.
     */
    public Optional<String> trouble() {
        return budget.heldBytes() == 0 ? Optional.empty() : Optional.ofNullable(sender.trouble());
    }

    /** Sends what is batched, and waits until everything sent so far is stored or has failed. */
    public void flush() {
        Calls.await(flushAsync(), settings.deliveryTimeout().plusSeconds(5), "Flushing");
    }

    /** Completes when everything sent so far is stored or has failed. */
    public CompletableFuture<Void> flushAsync() {
        sealAll();
        return sender.settled();
    }

    /** Sends what is batched, waits until it is stored or has failed, and ends the stream. */
    @Override
    public void close() {
        close(settings.deliveryTimeout());
    }

    /** The same, but what is not stored within the time fails. */
    public void close(Duration timeout) {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Calls.await(flushAsync(), timeout, "Closing the producer");
        } catch (MillraceException.TimedOut late) {
            // What is left fails below, and its listeners learn it.
        } finally {
            Calls.await(sender.close(), Duration.ofSeconds(10), "Closing the stream");
        }
    }

    private KnownTopic topic(String name) {
        CompletableFuture<KnownTopic> found = lookUp(name);
        if (!found.isDone() && io.isCurrent()) {
            throw new IllegalStateException("The I/O thread must not block: use trySend");
        }
        return Calls.await(found, settings.maxBlock(), "Looking up topic " + name);
    }

    private CompletableFuture<KnownTopic> lookUp(String name) {
        if (closed) {
            throw new MillraceException.Closed("The producer is closed.");
        }
        CompletableFuture<KnownTopic> found = known.get(name);
        if (found == null || found.isCompletedExceptionally()) {
            found = topics.describeAsync(name).thenApply(topic -> known(topic.topic()));
            CompletableFuture<KnownTopic> earlier = known.putIfAbsent(name, found);
            if (earlier != null && !earlier.isCompletedExceptionally()) {
                return earlier;
            }
            known.put(name, found);
        }
        return found;
    }

    private KnownTopic known(Topics.Topic topic) {
        PartitionQueue[] queues = new PartitionQueue[topic.partitionCount()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] =
                    new PartitionQueue(
                            new TopicPartition(topic.name(), i),
                            new PartitionLane(
                                    settings.idempotent(), settings.inFlightPerPartition()));
        }
        // Many producers that start together should not all start with partition 0.
        return new KnownTopic(queues, new Partitions(queues.length, (int) (io.nanoTime() >>> 10)));
    }

    private PartitionQueue queueOf(KnownTopic topic, String name, int partition, long held) {
        if (partition < 0 || partition >= topic.queues().length) {
            budget.release(held);
            throw new MillraceException.Refused(
                    Topics.noPartition(name, partition, topic.queues().length));
        }
        return topic.queues()[partition];
    }

    private void append(
            KnownTopic topic, OutgoingRecord record, int bound, DeliveryListener listener) {
        int partition =
                record.partition() == OutgoingRecord.BY_KEY
                        ? topic.partitions().of(record.key())
                        : record.partition();
        PartitionQueue queue = queueOf(topic, record.topic(), partition, bound);
        long timestampMs =
                record.timestampMs() == OutgoingRecord.NOW ? clock.millis() : record.timestampMs();
        PendingBatch full = null;
        PendingBatch opened = null;
        synchronized (queue) {
            PendingBatch batch = queue.open();
            if (batch != null && batch.sizeBytes() + bound > settings.batchBytes()) {
                full = queue.detach();
                submit(full);
                batch = null;
            }
            if (batch == null) {
                batch = newBatch(queue, bound);
                queue.open(batch);
                opened = batch;
            }
            batch.append(record, timestampMs, bound, listener);
        }
        if (full != null) {
            topic.partitions().batchWentOut(partition);
            finish(full);
        }
        if (opened != null) {
            linger(opened);
        }
    }

    private PendingBatch newBatch(PartitionQueue queue, int bound) {
        int capacity = Math.min(queue.expectedBytes() + 64, settings.batchBytes());
        BatchPayload payload =
                settings.asRecords()
                        ? new BatchPayload.AsRecords(RecordSet.newBuilder())
                        : new BatchPayload.Packed(
                                new BatchWriter(
                                        Math.max(capacity, BatchWriter.HEADER_BYTES + bound)));
        return new PendingBatch(queue, io.nanoTime(), payload);
    }

    private void linger(PendingBatch batch) {
        lingering.add(new Lingering(batch, batch.createdNanos + settings.linger().toNanos()));
        if (!lingerScheduled.getAndSet(true)) {
            io.execute(this::sealDue);
        }
    }

    /** Sends the batches that waited long enough. On the I/O thread. */
    private void sealDue() {
        lingerScheduled.set(false);
        long now = io.nanoTime();
        for (Lingering next = lingering.peek(); next != null; next = lingering.peek()) {
            if (next.dueNanos() > now && !next.batch().finished) {
                if (!lingerScheduled.getAndSet(true)) {
                    io.schedule(Duration.ofNanos(next.dueNanos() - now), this::sealDue);
                }
                return;
            }
            lingering.remove();
            seal(next.batch().partition, next.batch());
        }
    }

    private void sealAll() {
        for (CompletableFuture<KnownTopic> topic : known.values()) {
            if (topic.isDone() && !topic.isCompletedExceptionally()) {
                for (PartitionQueue queue : topic.join().queues()) {
                    seal(queue, null);
                }
            }
        }
    }

    /** Ends a partition's open batch: that one, or whichever it is. */
    private void seal(PartitionQueue queue, @Nullable PendingBatch only) {
        PendingBatch batch;
        synchronized (queue) {
            batch = queue.open();
            if (batch == null || (only != null && batch != only)) {
                return;
            }
            submit(queue.detach());
        }
        CompletableFuture<KnownTopic> topic = known.get(queue.id.topic());
        if (topic != null && topic.isDone() && !topic.isCompletedExceptionally()) {
            topic.join().partitions().batchWentOut(queue.id.partition());
        }
        finish(batch);
    }

    private void submit(@Nullable PendingBatch batch) {
        if (batch != null) {
            sender.submit(batch);
        }
    }

    private void finish(PendingBatch batch) {
        batch.finish(settings.codec());
        sender.wake();
    }

    private void awaitRoom(long bytes) {
        if (io.isCurrent()) {
            throw new IllegalStateException("The I/O thread must not block: use trySend");
        }
        long deadline = io.nanoTime() + settings.maxBlock().toNanos();
        sealAll();
        while (true) {
            CompletableFuture<Void> released = budget.whenReleased();
            if (budget.tryTake(bytes)) {
                return;
            }
            Duration left = Duration.ofNanos(Math.max(0, deadline - io.nanoTime()));
            try {
                Calls.await(released, left, "Waiting for room in the producer's buffer");
            } catch (MillraceException.TimedOut late) {
                throw new MillraceException.TimedOut(
                        "The producer's buffer of %d bytes stayed full for %d ms."
                                .formatted(settings.bufferBytes(), settings.maxBlock().toMillis()));
            }
        }
    }

    /** A future as a listener. */
    private static final class FutureDelivery implements DeliveryListener {
        private final CompletableFuture<Stored> future = new CompletableFuture<>();

        @Override
        public void stored(Stored batch, int index) {
            boolean first = index == 0 || batch.offset() == Stored.UNKNOWN_OFFSET;
            future.complete(
                    first
                            ? batch
                            : new Stored(
                                    batch.partition(),
                                    batch.offset() + index,
                                    batch.appendTimeMs(),
                                    batch.duplicate(),
                                    batch.timing()));
        }

        @Override
        public void failed(MillraceException failure) {
            future.completeExceptionally(failure);
        }
    }

    /** Waits for futures of {@link #send}, and throws the first failure. */
    public static List<Stored> await(List<CompletableFuture<Stored>> sent, Duration timeout) {
        List<Stored> stored = new ArrayList<>(sent.size());
        for (CompletableFuture<Stored> each : sent) {
            stored.add(Calls.await(each, timeout, "Waiting for an acknowledgement"));
        }
        return stored;
    }
}
