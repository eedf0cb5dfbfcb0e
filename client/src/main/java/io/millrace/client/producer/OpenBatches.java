package io.millrace.client.producer;

import com.google.protobuf.ByteString;
import io.millrace.client.connection.IoThread;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.v1.RecordSet;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records into one open batch for each partition. Submits a batch to the {@link
 * BatchDispatcher} when full, after the linger time, or on request.
 *
 * <p>Thread-safe. Callers append under the partition's monitor; the thread that seals a batch
 * encodes the records without a lock. The caller reserves memory, which the dispatcher releases.
 */
final class OpenBatches {

    private record Lingering(PendingBatch batch, long dueNanos) {}

    private final ProducerSettings settings;
    private final IoThread io;
    private final WriteTopics topics;
    private final BatchDispatcher dispatcher;
    private final Queue<Lingering> lingering = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean lingerScheduled = new AtomicBoolean();
    private volatile boolean closed;

    OpenBatches(
            ProducerSettings settings, IoThread io, WriteTopics topics, BatchDispatcher sender) {
        this.settings = settings;
        this.io = io;
        this.topics = topics;
        this.dispatcher = sender;
    }

    void append(
            WriteTopic topic,
            PartitionQueue queue,
            OutgoingRecord record,
            long timestampMs,
            int boundBytes,
            DeliveryListener listener) {
        PendingBatch full = null;
        PendingBatch opened = null;
        synchronized (queue) {
            PendingBatch batch = queue.open();
            if (batch != null && batch.sizeBytes() + boundBytes > settings.batchBytes()) {
                full = detach(queue);
                batch = null;
            }
            if (batch == null) {
                batch = newBatch(queue, boundBytes);
                queue.open(batch);
                opened = batch;
            }
            batch.append(record, timestampMs, boundBytes, listener);
        }
        if (full != null) {
            topic.batchSent(queue);
            finish(full);
        }
        if (opened != null) {
            linger(opened);
        }
    }

    /** Submits an encoded batch after the records gathered for its partition. */
    void appendReady(PartitionQueue queue, ByteString bytes, DeliveryListener listener) {
        PendingBatch batch =
                new PendingBatch(queue, io.nanoTime(), new BatchPayload.PreEncoded(bytes));
        batch.setEncoded(1, bytes.size(), listener);
        PendingBatch before;
        synchronized (queue) {
            before = detach(queue);
            dispatcher.submit(batch);
        }
        if (before != null) {
            finish(before);
        }
        finish(batch);
    }

    void sealAll() {
        topics.forEach(topic -> {
            for (PartitionQueue queue : topic.queues()) {
                seal(queue, null);
            }
        });
    }

    /** Seals all open batches, and each later batch at once. */
    void close() {
        // Set before sealing, so that a concurrent append is either sealed here or sees the flag.
        closed = true;
        sealAll();
    }

    private PendingBatch newBatch(PartitionQueue queue, int boundBytes) {
        int capacity = Math.min(queue.expectedBytes() + 64, settings.batchBytes());
        BatchPayload payload =
                settings.asRecords()
                        ? new BatchPayload.AsRecords(RecordSet.newBuilder())
                        : new BatchPayload.Encoded(
                                new BatchWriter(
                                        Math.max(capacity, BatchWriter.HEADER_BYTES + boundBytes)));
        return new PendingBatch(queue, io.nanoTime(), payload);
    }

    private void linger(PendingBatch batch) {
        if (closed) {
            seal(batch.partition, batch);
            return;
        }
        lingering.add(new Lingering(batch, batch.createdNanos + settings.linger().toNanos()));
        if (!lingerScheduled.getAndSet(true)) {
            io.execute(this::sealDue);
        }
    }

    /** I/O thread only. */
    private void sealDue() {
        lingerScheduled.set(false);
        long now = io.nanoTime();
        for (Lingering next = lingering.peek(); next != null; next = lingering.peek()) {
            if (next.dueNanos() - now > 0 && !next.batch().finished) {
                if (!lingerScheduled.getAndSet(true)) {
                    io.schedule(Duration.ofNanos(next.dueNanos() - now), this::sealDue);
                }
                return;
            }
            lingering.remove();
            seal(next.batch().partition, next.batch());
        }
    }

    private void seal(PartitionQueue queue, @Nullable PendingBatch only) {
        PendingBatch batch;
        synchronized (queue) {
            batch = queue.open();
            if (batch == null || (only != null && batch != only)) {
                return;
            }
            detach(queue);
        }
        WriteTopic topic = topics.getIfPresent(queue.id.topic());
        if (topic != null) {
            topic.batchSent(queue);
        }
        finish(batch);
    }

    /** Submits the open batch under the monitor, to keep the order of creation. */
    private @Nullable PendingBatch detach(PartitionQueue queue) {
        PendingBatch batch = queue.detach();
        if (batch != null) {
            dispatcher.submit(batch);
        }
        return batch;
    }

    private void finish(PendingBatch batch) {
        try {
            batch.finish(settings.codec());
        } finally {
            dispatcher.wake();
        }
    }
}
