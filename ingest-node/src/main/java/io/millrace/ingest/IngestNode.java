package io.millrace.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.loop.Loop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The write path of one process: takes batches for any partition, packs them into WAL blocks,
 * uploads and commits those, and answers the producers. Owned by one {@link Loop}: every method is
 * called on it, and every reply comes on it.
 */
public final class IngestNode {

    private final Loop loop;
    private final IngestMetrics metrics;
    private final TopicRoutes routes;
    private final UnknownTopics unknown;
    private final MemoryBudget memory;
    private final Backlog backlog;
    private final ProducerIds producerIds;
    private final BlockPipeline pipeline;
    private final Answers answers;
    private final Sealer sealer;
    private @Nullable CompletableFuture<Void> drained;

    /**
     * @param backlog that producers are held back for
     * @param compression runs the compression of blocks, off the loop
     * @param sink hears of every block whose upload begins, and of those whose upload ends well
     */
    public IngestNode(
            IngestSettings settings,
            Metadata metadata,
            ObjectStore store,
            Backlog backlog,
            Loop loop,
            InstantSource clock,
            Executor compression,
            SealedObjectSink sink,
            IngestMetrics metrics) {
        this.loop = loop;
        this.metrics = metrics;
        this.routes = new TopicRoutes(metadata::topics);
        this.backlog = backlog;
        this.unknown = new UnknownTopics(metadata, loop);
        this.memory = new MemoryBudget(settings.memoryLimitBytes());
        this.producerIds = new ProducerIds(metadata, loop);
        this.answers = new Answers(metrics);
        this.pipeline =
                new BlockPipeline(
                        settings,
                        metadata,
                        store,
                        backlog,
                        loop,
                        new BlockWork(compression, loop),
                        sink,
                        metrics,
                        new Progress());
        this.sealer =
                new Sealer(settings, metadata::incarnation, pipeline, memory, loop, clock, metrics);
    }

    /**
     * Stores a ready-made batch.
     *
     * @param connection the client's stream: batches of one connection and partition keep their
     *     order
     * @param batch may alias a transport's buffers: it is copied before this call returns
     */
    public void produce(
            long connection, String topic, int partition, ByteString batch, ProduceReply reply) {
        accept(new Produce(connection, topic, partition, batch, false, loop.nanoTime(), reply));
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
        accept(new Produce(connection, topic, partition, recordSet, true, loop.nanoTime(), reply));
    }

    /** Whether connections should be read; if not, {@link #whenRoom} says when again. */
    public boolean hasRoom() {
        return memory.hasRoom();
    }

    /** Runs the task once, as soon as there is room: at once if there is. */
    public void whenRoom(Runnable task) {
        memory.whenRoom(task);
    }

    /**
     * Hands out a producer id.
     *
     * @return completes on the loop; fails with a {@link ProblemException}
     */
    public CompletableFuture<ProducerIdLease> allocateProducerId() {
        return producerIds.allocate();
    }

    /**
     * Refuses what comes from now on with SHUTTING_DOWN, and brings what was accepted to its end.
     *
     * @return completes on the loop when everything is answered; what is not by the deadline is
     *     answered with OUTCOME_UNKNOWN if it may be in the log, and SHUTTING_DOWN if it never will
     */
    public CompletableFuture<Void> drain(Duration deadline) {
        if (drained != null) {
            return drained;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        drained = done;
        sealer.seal(SealReason.DRAIN);
        Loop.Timer giveUp = loop.schedule(deadline, this::abandon);
        completeDrain();
        return done.whenComplete((nothing, failure) -> giveUp.cancel());
    }

    private void accept(Produce produce) {
        if (drained != null) {
            answers.refused(produce.reply(), Problems.shuttingDown());
        } else if (!memory.mayTake(produce.payload().size() + OpenBlock.OVERHEAD_BYTES)) {
            answers.refused(produce.reply(), Problems.overloaded());
        } else if (SlowDown.stops(backlog.fullness())) {
            answers.refused(produce.reply(), Problems.mergesBehind());
        } else if (unknown.waitFor(produce.topic(), produce.partition())) {
            awaitBarrier(produce);
        } else {
            TopicRoute route = routes.named(produce.topic());
            if (route != null && route.has(produce.partition())) {
                add(route, produce);
            } else {
                awaitBarrier(produce);
            }
        }
    }

    private void awaitBarrier(Produce produce) {
        byte[] copy = produce.payload().toByteArray();
        Produce kept = produce.withPayload(UnsafeByteOperations.unsafeWrap(copy));
        long bytes = copy.length + OpenBlock.OVERHEAD_BYTES;
        memory.take(bytes);
        unknown.add(
                produce.topic(),
                produce.partition(),
                problem -> {
                    if (problem != null) {
                        answers.refused(kept.reply(), problem);
                    } else {
                        lookAgain(kept);
                    }
                    giveBack(bytes);
                    completeDrain();
                });
    }

    private void lookAgain(Produce produce) {
        TopicRoute route = routes.named(produce.topic());
        if (route == null) {
            answers.refused(produce.reply(), Problems.unknownTopic(produce.topic()));
        } else if (!route.has(produce.partition())) {
            answers.refused(
                    produce.reply(),
                    Problems.unknownPartition(
                            produce.topic(), produce.partition(), route.topic().partitionCount()));
        } else {
            add(route, produce);
        }
    }

    private void add(TopicRoute route, Produce produce) {
        int maxBytes = route.limits().maxBytes();
        if (produce.payload().size() > maxBytes && !produce.packed()) {
            // Before the copy: what is too large must not cost memory.
            answers.refused(
                    produce.reply(),
                    Problems.tooLarge(
                            produce.topic(),
                            produce.partition(),
                            produce.payload().size(),
                            maxBytes));
            return;
        }
        if (sealer.add(route, produce) instanceof BatchVerdict.Refused(var problem)) {
            answers.refused(
                    produce.reply(), Problems.at(produce.topic(), produce.partition(), problem));
        } else if (drained != null) {
            sealer.seal(SealReason.DRAIN);
        }
    }

    private void giveBack(long bytes) {
        memory.giveBack(bytes);
        metrics.memory(memory.usedBytes());
    }

    private void abandon() {
        pipeline.abandon();
        if (drained != null) {
            drained.complete(null);
        }
    }

    private void completeDrain() {
        if (drained != null && pipeline.isEmpty() && unknown.isEmpty()) {
            drained.complete(null);
        }
    }

    private final class Progress implements BlockPipeline.Listener {
        @Override
        public void uploadEnded() {
            sealer.sealOrWait();
        }

        @Override
        public void answered(SealedBlock block) {
            giveBack(block.memoryBytes());
            completeDrain();
        }
    }
}
