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
 * Gathers records into one open batch for each partition, and hands a batch to the {@link
 * BatchDispatcher} when it is full, when it has waited long enough, or when somebody asks for it.
 *
 * <p>Thread-safe. Callers append under their partition's monitor; a batch is packed by the thread
 * that ends it, without any lock. The memory of a record is taken by the caller, and given back by
 * the sender.
 */
final class OpenBatches {

    /** A batch, and when it goes out even if it is not full. */
    private record Lingering(PendingBatch batch, long dueNanos) {}

    private final ProducerSettings settings;
    private final IoThread io;
    private final WriteTopics topics;
    private final BatchDispatcher sender;
    private final Queue<Lingering> lingering = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean lingerScheduled = new AtomicBoolean();
    private volatile boolean closed;

    OpenBatches(
            ProducerSettings settings, IoThread io, WriteTopics topics, BatchDispatcher sender) {
        this.settings = settings;
        this.io = io;
        this.topics = topics;
        this.sender = sender;
    }

    /**
     * Adds a record to its partition's open batch.
     *
     * @param boundBytes what the record takes at most
     */
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
            topic.batchWentOut(queue);
            finish(full);
        }
        if (opened != null) {
            linger(opened);
        }
    }

    /** Hands over a batch that was made elsewhere, behind what is gathered for its partition. */
    void appendReady(PartitionQueue queue, ByteString bytes, DeliveryListener listener) {
        PendingBatch batch = new PendingBatch(queue, io.nanoTime(), new BatchPayload.Ready(bytes));
        batch.fill(1, bytes.size(), listener);
        PendingBatch before;
        synchronized (queue) {
            before = detach(queue);
            sender.submit(batch);
        }
        if (before != null) {
            finish(before);
        }
        finish(batch);
    }

    /** Ends all open batches. */
    void sealAll() {
        topics.forEach(topic -> {
            for (PartitionQueue queue : topic.queues()) {
                seal(queue, null);
            }
        });
    }

    /** Ends all open batches, and from now on each as soon as it is opened. */
    void close() {
        // Before the sealing: whoever appends meanwhile is either sealed here or sees the mark.
        closed = true;
        sealAll();
    }

    private PendingBatch newBatch(PartitionQueue queue, int boundBytes) {
        int capacity = Math.min(queue.expectedBytes() + 64, settings.batchBytes());
        BatchPayload payload =
                settings.asRecords()
                        ? new BatchPayload.AsRecords(RecordSet.newBuilder())
                        : new BatchPayload.Packed(
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

    /** Ends the batches that waited long enough. On the I/O thread. */
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

    /** Ends a partition's open batch: that one, or whichever it is. */
    private void seal(PartitionQueue queue, @Nullable PendingBatch only) {
        PendingBatch batch;
        synchronized (queue) {
            batch = queue.open();
            if (batch == null || (only != null && batch != only)) {
                return;
            }
            detach(queue);
        }
        WriteTopic topic = topics.ifKnown(queue.id.topic());
        if (topic != null) {
            topic.batchWentOut(queue);
        }
        finish(batch);
    }

    /** Hands the open batch to the sender. Under the monitor, so that the order is that of time. */
    private @Nullable PendingBatch detach(PartitionQueue queue) {
        PendingBatch batch = queue.detach();
        if (batch != null) {
            sender.submit(batch);
        }
        return batch;
    }

    private void finish(PendingBatch batch) {
        try {
            batch.finish(settings.codec());
        } finally {
            sender.wake();
        }
    }
}
