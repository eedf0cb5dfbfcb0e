package io.millrace.ingest;

import com.google.protobuf.ByteString;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The write path of one process: takes batches for any partition, packs them into WAL blocks,
 * uploads and commits those, and answers the producers. Owned by one {@link Loop}: every method is
 * called on it, and every reply comes on it.
 */
public final class IngestNode {

    /**
     * @param compression runs the compression of blocks, off the loop
     * @param sink hears of every block whose upload begins
     */
    @SuppressWarnings("unused")
    public IngestNode(
            IngestSettings settings,
            Metadata metadata,
            ObjectStore store,
            Loop loop,
            InstantSource clock,
            Executor compression,
            SealedObjectSink sink,
            IngestMetrics metrics) {}

    /**
     * Stores a ready-made batch.
     *
     * @param connection the client's stream: batches of one connection and partition keep their
     *     order
     * @param batch may alias a transport's buffers: it is copied before this call returns
     */
    public void produce(
            long connection, String topic, int partition, ByteString batch, ProduceReply reply) {
        reply.done(refused());
    }

    /**
     * Stores records that the node packs into a batch, together with those of other producers.
     *
     * @param connection as for {@link #produce}; both keep one order
     * @param recordSet the bytes of a {@code millrace.v1.RecordSet}; copied before this call
     *     returns
     */
    public void produceRecords(
            long connection,
            String topic,
            int partition,
            ByteString recordSet,
            ProduceReply reply) {
        reply.done(refused());
    }

    /** Whether connections should be read; if not, {@link #whenRoom} says when again. */
    public boolean hasRoom() {
        return true;
    }

    /** Runs the task once, as soon as there is room: at once if there is. */
    public void whenRoom(Runnable task) {
        task.run();
    }

    /**
     * Hands out a producer id.
     *
     * @return completes on the loop; fails with a {@link
     *     io.millrace.protocol.error.ProblemException}
     */
    public CompletableFuture<ProducerIdLease> allocateProducerId() {
        return new CompletableFuture<>();
    }

    /**
     * Refuses what comes from now on with SHUTTING_DOWN, and brings what was accepted to its end.
     *
     * @return completes on the loop when everything is answered; what is not by the deadline is
     *     answered with OUTCOME_UNKNOWN
     */
    public CompletableFuture<Void> drain(Duration deadline) {
        return CompletableFuture.completedFuture(null);
    }

    private static ProduceOutcome refused() {
        return new ProduceOutcome.Refused(
                new Problem(Reason.STORAGE_UNAVAILABLE, "This node has no write path yet."));
    }
}
