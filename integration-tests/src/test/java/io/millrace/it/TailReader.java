package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchedPartition;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Follows the end of every partition that a {@link PatientWriter} writes, on a thread of its own.
 * Fails on any error, gap or duplicate.
 */
final class TailReader implements AutoCloseable {

    private final ManagedChannel channel;
    private final String topic;
    private final AtomicLongArray next;
    private final Context.CancellableContext context = Context.current().withCancellation();
    private volatile @Nullable Throwable failure;

    TailReader(ManagedChannel channel, String topic, int partitions) {
        this.channel = channel;
        this.topic = topic;
        this.next = new AtomicLongArray(partitions);
        Thread.ofPlatform().name("tail-reader").start(context.wrap(this::run));
    }

    /** Returns the offset after the last record that was read. */
    long next(int partition) {
        if (failure != null) {
            throw new AssertionError("the reader failed", failure);
        }
        return next.get(partition);
    }

    @Override
    public void close() {
        context.close();
    }

    private void run() {
        try {
            while (!context.isCancelled()) {
                FetchRequest.Builder request = FetchRequest.newBuilder().setMaxWaitMs(500);
                for (int p = 0; p < next.length(); p++) {
                    request.addPartitions(
                            FetchPartition.newBuilder()
                                    .setTopic(topic)
                                    .setPartition(p)
                                    .setOffset(next.get(p)));
                }
                FetchGrpc.newBlockingStub(channel)
                        .fetch(request.build())
                        .getPartitionsList()
                        .forEach(this::take);
            }
        } catch (Throwable wrong) {
            if (!context.isCancelled()) {
                failure = wrong;
            }
        }
    }

    private void take(FetchedPartition fetched) {
        if (fetched.hasError()) {
            throw new AssertionError(fetched.getError().toString());
        }
        int partition = fetched.getPartition();
        for (KafkaBatches.Read record : KafkaBatches.read(fetched.getBatches())) {
            if (record.offset() < next.get(partition)) {
                continue; // A batch is returned as a whole.
            }
            String expected = PatientWriter.value(partition, (int) next.get(partition));
            if (record.offset() != next.get(partition)
                    || !new String(record.value(), UTF_8).equals(expected)) {
                throw new AssertionError(
                        "partition %d: expected record %d, read offset %d: %.60s"
                                .formatted(
                                        partition,
                                        next.get(partition),
                                        record.offset(),
                                        new String(record.value(), UTF_8)));
            }
            next.incrementAndGet(partition);
        }
    }
}
