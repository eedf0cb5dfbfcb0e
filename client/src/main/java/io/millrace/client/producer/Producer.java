package io.millrace.client.producer;

import com.google.protobuf.UnsafeByteOperations;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connections;
import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.observation.ClientObservation;
import io.millrace.client.observation.ClientTracing;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Writes records to partitions. Thread-safe; serves any number of threads and topics.
 *
 * <p>Records are gathered into one batch for each partition, which is sent when full, after {@link
 * ProducerSettings#linger}, or at {@link #flush}. Within a partition the records of a thread are
 * stored in order. With {@link ProducerSettings#idempotent}, the default, retries neither duplicate
 * nor reorder records. Without idempotence a retried batch may be stored after later batches, and a
 * batch without response fails with {@link MillraceException.OutcomeUnknown}.
 *
 * <p>While {@link ProducerSettings#bufferBytes} are in use, {@link #send} blocks and {@link
 * #trySend} returns empty. The outcome of every accepted record is reported exactly once, even
 * after a close. Blocking methods throw {@link IllegalStateException} on the client's I/O thread,
 * which calls the listeners.
 */
public final class Producer implements AutoCloseable {

    private final ProducerSettings settings;
    private final IoThread io;
    private final InstantSource clock;
    private final Connections connections;
    private final ProducerMemory budget;
    private final BatchDispatcher dispatcher;
    private final TopicLookup topicLookup;
    private final TopicRefresher refresher;
    private final WriteTopics topics;
    private final OpenBatches batches;
    private final ClientTracing tracing;
    private final ClientMetrics.Registration registration;
    private final Runnable closeHook = this::abandon;
    private volatile boolean closed;

    public Producer(
            ProducerSettings settings,
            IoThread io,
            InstantSource clock,
            TopicOperations admin,
            NodeCalls nodes,
            Connections connections,
            Backoff backoff,
            ClientObservation observation) {
        this.settings = settings;
        this.io = io;
        this.clock = clock;
        this.connections = connections;
        this.budget = new ProducerMemory(settings.bufferBytes());
        this.dispatcher =
                new BatchDispatcher(settings, io, nodes, budget, backoff, observation.metrics());
        this.topicLookup = new TopicLookup(io, backoff, settings.maxBlock(), admin::describeAsync);
        this.refresher = new TopicRefresher(io, settings.topicMaxAge(), admin::describeAsync);
        this.topics = new WriteTopics(name -> topicLookup.find(name).thenApply(this::toWriteTopic));
        this.batches = new OpenBatches(settings, io, topics, dispatcher);
        this.tracing = observation.tracing();
        this.registration = observation.metrics().producerOpened(budget::reservedBytes);
        connections.addCloseListener(closeHook);
    }

    private WriteTopic toWriteTopic(TopicOperations.Description described) {
        // Spreads producers that start at the same time over the partitions.
        return WriteTopic.of(described.topic(), settings, io.nanoTime());
    }

    /**
     * Sends a record; blocks while the buffer is full.
     *
     * @return a future that completes on the I/O thread when the record is stored, or fails with a
     *     {@link MillraceException}
     * @throws MillraceException if the buffer stays full, or the topic cannot be looked up, for
     *     {@link ProducerSettings#maxBlock}
     */
    public CompletableFuture<ProduceResult> send(OutgoingRecord record) {
        FutureDelivery delivery = new FutureDelivery();
        send(record, delivery);
        return delivery.future();
    }

    /** Sends a record and notifies a listener, which may serve many records. */
    public void send(OutgoingRecord record, DeliveryListener listener) {
        if (tracing == ClientTracing.OFF) {
            sendUntraced(record, listener);
            return;
        }
        Optional<TracedDelivery> traced = TracedDelivery.start(tracing, record, listener);
        try {
            sendUntraced(
                    traced.map(TracedDelivery::record).orElse(record),
                    traced.<DeliveryListener>map(delivery -> delivery).orElse(listener));
        } catch (MillraceException notSent) {
            traced.ifPresent(delivery -> delivery.notSent(notSent));
            throw notSent;
        }
    }

    private void sendUntraced(OutgoingRecord record, DeliveryListener listener) {
        WriteTopic topic = topic(record.topic());
        int bound = BatchWriter.sizeBound(record.key(), record.value(), record.headers());
        if (!budget.tryReserve(bound)) {
            awaitMemory(bound);
        }
        append(topic, record, bound, listener);
    }

    /**
     * Sends a record if that is possible without blocking.
     *
     * @return the future of {@link #send}; empty while the buffer is full or the topic is not
     *     looked up. Retry after {@link #whenReady}
     */
    public Optional<CompletableFuture<ProduceResult>> trySend(OutgoingRecord record) {
        CompletableFuture<WriteTopic> topic = lookUp(record.topic());
        if (!topic.isDone()) {
            return Optional.empty();
        }
        WriteTopic found = UnaryCalls.await(topic, Duration.ZERO, "Looking up the topic");
        int bound = BatchWriter.sizeBound(record.key(), record.value(), record.headers());
        if (tracing != ClientTracing.OFF) {
            bound += TracedDelivery.HEADER_BOUND_BYTES;
        }
        if (!budget.tryReserve(bound)) {
            batches.sealAll();
            return Optional.empty();
        }
        FutureDelivery delivery = new FutureDelivery();
        Optional<TracedDelivery> traced =
                tracing == ClientTracing.OFF
                        ? Optional.empty()
                        : TracedDelivery.start(tracing, record, delivery);
        try {
            append(
                    found,
                    traced.map(TracedDelivery::record).orElse(record),
                    bound,
                    traced.<DeliveryListener>map(each -> each).orElse(delivery));
        } catch (MillraceException notSent) {
            traced.ifPresent(each -> each.notSent(notSent));
            throw notSent;
        }
        return Optional.of(delivery.future());
    }

    /**
     * Completes when the topic is looked up and the buffer has room for a record of the size
     * rejected last.
     */
    public CompletableFuture<Void> whenReady(String topic) {
        return lookUp(topic).thenCompose(found -> budget.whenAvailable());
    }

    /**
     * Sends an encoded Kafka RecordBatch (magic 2) unchanged and without a sequence. Retries only
     * if the server reports that the batch was not stored. Blocks while the buffer is full.
     *
     * @param batch the encoded batch; must not be modified until acknowledged
     */
    public CompletableFuture<ProduceResult> sendBatch(String topic, int partition, byte[] batch) {
        PartitionQueue queue = queue(topic(topic), known -> known.queue(partition));
        if (!budget.tryReserve(batch.length)) {
            awaitMemory(batch.length);
        }
        FutureDelivery delivery = new FutureDelivery();
        batches.appendReady(queue, UnsafeByteOperations.unsafeWrap(batch), delivery);
        return delivery.future();
    }

    /**
     * Returns the reason for delayed records, for example an unavailable server; empty without
     * delays. Delayed records fail only at the delivery timeout.
     */
    public Optional<String> stallReason() {
        return budget.reservedBytes() == 0
                ? Optional.empty()
                : Optional.ofNullable(dispatcher.stallReason());
    }

    /**
     * Sends all open batches, and blocks until every record sent before is stored or has failed.
     */
    public void flush() {
        requireBlockingAllowed();
        UnaryCalls.await(flushAsync(), settings.deliveryTimeout().plusSeconds(5), "Flushing");
    }

    /** Flushes like {@link #flush}, without blocking. */
    public CompletableFuture<Void> flushAsync() {
        batches.sealAll();
        return dispatcher.whenSettled();
    }

    /** Flushes, and closes the streams. */
    @Override
    public void close() {
        close(settings.deliveryTimeout());
    }

    /** Flushes, and closes the streams; records not stored within the timeout fail. */
    public void close(Duration timeout) {
        if (closed) {
            return;
        }
        requireBlockingAllowed();
        closed = true;
        registration.close();
        connections.removeCloseListener(closeHook);
        io.run(topicLookup::close);
        batches.close();
        try {
            UnaryCalls.await(dispatcher.whenSettled(), timeout, "Closing the producer");
        } catch (MillraceException.TimedOut late) {
            // The remaining batches fail below.
        } finally {
            UnaryCalls.await(dispatcher.close(), Duration.ofSeconds(10), "Closing the stream");
        }
    }

    private void abandon() {
        closed = true;
        registration.close();
        io.run(topicLookup::close);
        batches.close();
        var unused = dispatcher.close();
    }

    private WriteTopic topic(String name) {
        CompletableFuture<WriteTopic> found = lookUp(name);
        if (!found.isDone()) {
            requireBlockingAllowed();
        }
        return UnaryCalls.await(found, settings.maxBlock(), "Looking up topic " + name);
    }

    private CompletableFuture<WriteTopic> lookUp(String name) {
        if (closed) {
            throw new MillraceException.Closed("The producer is closed.");
        }
        return topics.get(name);
    }

    private void append(
            WriteTopic topic, OutgoingRecord record, int bound, DeliveryListener listener) {
        PartitionQueue queue;
        try {
            queue = queue(topic, known -> known.queueFor(record));
        } catch (MillraceException.Rejected noPartition) {
            budget.release(bound);
            throw noPartition;
        }
        long timestampMs =
                record.timestampMs() == OutgoingRecord.NOW ? clock.millis() : record.timestampMs();
        batches.append(topic, queue, record, timestampMs, bound, listener);
    }

    private PartitionQueue queue(WriteTopic topic, Function<WriteTopic, PartitionQueue> choice) {
        try {
            PartitionQueue queue = choice.apply(topic);
            refresher.used(topic, queue);
            return queue;
        } catch (MillraceException.Rejected noPartition) {
            refresher.refresh(topic);
            throw noPartition;
        }
    }

    private void awaitMemory(long bytes) {
        requireBlockingAllowed();
        long deadline = io.nanoTime() + settings.maxBlock().toNanos();
        batches.sealAll();
        while (true) {
            CompletableFuture<Void> released = budget.whenReleased();
            if (budget.tryReserve(bytes)) {
                return;
            }
            Duration left = Duration.ofNanos(Math.max(0, deadline - io.nanoTime()));
            try {
                UnaryCalls.await(released, left, "Waiting for space in the producer's buffer");
            } catch (MillraceException.TimedOut late) {
                throw new MillraceException.TimedOut(
                        "The producer's buffer of %d bytes stayed full for %d ms."
                                .formatted(settings.bufferBytes(), settings.maxBlock().toMillis()));
            }
        }
    }

    private void requireBlockingAllowed() {
        if (io.isCurrent()) {
            throw new IllegalStateException(
                    "The I/O thread must not block: use trySend and flushAsync, and close on a different thread");
        }
    }

    /** Waits for futures of {@link #send}, and throws the first failure. */
    public static List<ProduceResult> await(
            List<CompletableFuture<ProduceResult>> sent, Duration timeout) {
        List<ProduceResult> stored = new ArrayList<>(sent.size());
        for (CompletableFuture<ProduceResult> each : sent) {
            stored.add(UnaryCalls.await(each, timeout, "Waiting for an acknowledgement"));
        }
        return stored;
    }
}
