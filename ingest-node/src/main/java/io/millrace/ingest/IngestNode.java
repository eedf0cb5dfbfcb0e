package io.millrace.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
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

    private final Metadata metadata;
    private final Loop loop;
    private final InstantSource clock;
    private final IngestMetrics metrics;
    private final SealPolicy policy;
    private final TopicRoutes routes;
    private final UnknownTopics unknown;
    private final MemoryBudget memory;
    private final ProducerIds producerIds;
    private final BlockPipeline pipeline;
    private final Answers answers;
    private OpenBlock open = new OpenBlock();
    private long nextSequence;
    private Loop.@Nullable Timer linger;
    private long lingerEndsNanos;
    private @Nullable CompletableFuture<Void> drained;

    /**
     * @param compression runs the compression of blocks, off the loop
     * @param sink hears of every block whose upload begins
     */
    public IngestNode(
            IngestSettings settings,
            Metadata metadata,
            ObjectStore store,
            Loop loop,
            InstantSource clock,
            Executor compression,
            SealedObjectSink sink,
            IngestMetrics metrics) {
        this.metadata = metadata;
        this.loop = loop;
        this.clock = clock;
        this.metrics = metrics;
        this.policy = new SealPolicy(settings);
        this.routes = new TopicRoutes(metadata::topics);
        this.unknown = new UnknownTopics(metadata, loop);
        this.memory = new MemoryBudget(settings.memoryLimitBytes());
        this.producerIds = new ProducerIds(metadata, loop);
        this.answers = new Answers(metrics);
        this.pipeline =
                new BlockPipeline(
                        settings,
                        metadata,
                        store,
                        loop,
                        new BlockWork(compression, loop),
                        sink,
                        metrics,
                        new Progress());
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
     * @return completes on the loop; fails with a {@link
     *     io.millrace.protocol.error.ProblemException}
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
        seal(SealReason.DRAIN);
        Loop.Timer giveUp = loop.schedule(deadline, this::abandon);
        completeDrain();
        return done.whenComplete((nothing, failure) -> giveUp.cancel());
    }

    private void accept(Produce produce) {
        if (drained != null) {
            answers.refused(produce.reply(), Problems.shuttingDown());
        } else if (!memory.mayTake(produce.payload().size() + OpenBlock.OVERHEAD_BYTES)) {
            answers.refused(produce.reply(), Problems.overloaded());
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
        long before = open.memoryBytes();
        BatchVerdict verdict = open.add(route, produce, clock.millis());
        memory.take(open.memoryBytes() - before);
        if (verdict instanceof BatchVerdict.Refused(var problem)) {
            answers.refused(
                    produce.reply(), Problems.at(produce.topic(), produce.partition(), problem));
            return;
        }
        SealReason full = policy.fullBecause(open.sizeBytes(), open.batches());
        if (drained != null) {
            seal(SealReason.DRAIN);
        } else if (full != null) {
            seal(full);
        } else if (open.batches() == 1) {
            sealOrWait();
        }
    }

    private void sealOrWait() {
        if (open.batches() == 0) {
            return;
        }
        long lingerNanos = policy.lingerNanos(pipeline.uploadsInFlight());
        if (lingerNanos == SealPolicy.NO_LINGER_ENDS) {
            cancelLinger();
            return;
        }
        long now = loop.nanoTime();
        long ends = open.openedNanos() + lingerNanos;
        if (ends - now <= 0) {
            seal(SealReason.LINGER);
        } else if (linger == null || lingerEndsNanos - ends != 0) {
            cancelLinger();
            lingerEndsNanos = ends;
            linger =
                    loop.schedule(
                            Duration.ofNanos(ends - now),
                            () -> {
                                linger = null;
                                sealOrWait();
                            });
        }
    }

    private void cancelLinger() {
        if (linger != null) {
            linger.cancel();
            linger = null;
        }
    }

    private void seal(SealReason reason) {
        cancelLinger();
        if (open.batches() == 0) {
            return;
        }
        OpenBlock full = open;
        open = new OpenBlock();
        full.close();
        metrics.sealed(full, reason);
        metrics.memory(memory.usedBytes());
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, metadata.incarnation(), nextSequence++);
        pipeline.accept(new SealedBlock(id, full, loop.nanoTime(), clock.millis()));
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
            sealOrWait();
        }

        @Override
        public void answered(SealedBlock block) {
            giveBack(block.memoryBytes());
            completeDrain();
        }
    }
}
