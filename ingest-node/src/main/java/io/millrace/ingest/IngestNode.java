package io.millrace.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.ingest.block.BlockEncoder;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.OpenBlock;
import io.millrace.ingest.block.ProduceProblems;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.ingest.block.ProduceRequest;
import io.millrace.ingest.block.SealReason;
import io.millrace.ingest.block.SealedBlock;
import io.millrace.ingest.block.TopicWriteState;
import io.millrace.ingest.block.TopicWriteStates;
import io.millrace.ingest.commit.BackpressurePolicy;
import io.millrace.ingest.commit.BlockPipeline;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.ingest.commit.MergeBacklog;
import io.millrace.ingest.commit.ProduceReplies;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.trace.Tracer;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The write path of one process: collects batches in WAL blocks, uploads and commits the blocks,
 * and replies to producers. All methods and replies are called on one {@link EventLoop}.
 */
public final class IngestNode {

    private final EventLoop loop;
    private final IngestMetrics metrics;
    private final TopicWriteStates writeStates;
    private final PendingTopicLookups pendingLookups;
    private final MemoryBudget memory;
    private final MergeBacklog backlog;
    private final ProducerIds producerIds;
    private final BlockPipeline pipeline;
    private final ProduceReplies replies;
    private final Sealer sealer;
    private @Nullable CompletableFuture<Void> drained;

    /**
     * Creates a node without tracing.
     *
     * @param sink receives every block at the start and the successful end of its upload
     */
    public IngestNode(
            IngestSettings settings,
            Metadata metadata,
            ObjectStore store,
            MergeBacklog backlog,
            EventLoop loop,
            InstantSource clock,
            Executor compression,
            SealedObjectSink sink,
            IngestMetrics metrics) {
        this(
                settings,
                metadata,
                store,
                backlog,
                loop,
                clock,
                compression,
                sink,
                metrics,
                Tracer.OFF);
    }

    /**
     * @param sink receives every block at the start and the successful end of its upload
     * @param tracer records the blocks that have a request with a {@link ProduceReply#span}
     */
    public IngestNode(
            IngestSettings settings,
            Metadata metadata,
            ObjectStore store,
            MergeBacklog backlog,
            EventLoop loop,
            InstantSource clock,
            Executor compression,
            SealedObjectSink sink,
            IngestMetrics metrics,
            Tracer tracer) {
        this.loop = loop;
        this.metrics = metrics;
        this.writeStates = new TopicWriteStates(metadata::topics);
        this.backlog = backlog;
        this.pendingLookups = new PendingTopicLookups(metadata, loop);
        this.memory = new MemoryBudget(settings.memoryLimitBytes());
        this.producerIds = new ProducerIds(metadata, loop);
        this.replies = new ProduceReplies(metadata::topics, metrics);
        this.pipeline =
                new BlockPipeline(
                        settings,
                        metadata,
                        store,
                        backlog,
                        loop,
                        new BlockEncoder(compression, loop),
                        sink,
                        metrics,
                        tracer,
                        new PipelineEvents());
        this.sealer =
                new Sealer(settings, metadata::incarnation, pipeline, memory, loop, clock, metrics);
    }

    /**
     * Stores a ready-made batch.
     *
     * @param connection the client's stream; its batches for one partition stay in order
     * @param batch may alias a transport's buffers; copied before this call returns
     */
    public void produce(
            long connection, String topic, int partition, ByteString batch, ProduceReply reply) {
        accept(
                new ProduceRequest(
                        connection, topic, partition, batch, false, loop.nanoTime(), reply));
    }

    /**
     * Stores records that the node packs into a batch with records of other producers, in one order
     * with {@link #produce}.
     *
     * @param recordSet the bytes of a {@code millrace.v1.RecordSet}; copied before this call
     *     returns
     */
    public void produceRecords(
            long connection,
            String topic,
            int partition,
            ByteString recordSet,
            ProduceReply reply) {
        accept(
                new ProduceRequest(
                        connection, topic, partition, recordSet, true, loop.nanoTime(), reply));
    }

    /** Returns whether connections should be read; {@link #whenRoom} reports when to resume. */
    public boolean hasRoom() {
        return memory.hasRoom();
    }

    /** Runs the task once, as soon as there is room, possibly now. */
    public void whenRoom(Runnable task) {
        memory.whenRoom(task);
    }

    /**
     * Allocates a producer id; completes on the event loop or fails with a {@link
     * ProblemException}.
     */
    public CompletableFuture<ProducerIdRange> allocateProducerId() {
        return producerIds.allocate();
    }

    /**
     * Rejects new requests with SHUTTING_DOWN and completes the accepted requests.
     *
     * @return completes on the event loop when all requests are answered; at the deadline with
     *     OUTCOME_UNKNOWN if they may be in the log, otherwise with SHUTTING_DOWN
     */
    public CompletableFuture<Void> drain(Duration deadline) {
        if (drained != null) {
            return drained;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        drained = done;
        sealer.seal(SealReason.DRAIN);
        EventLoop.Timer abort = loop.schedule(deadline, this::abandon);
        completeDrain();
        return done.whenComplete((nothing, failure) -> abort.cancel());
    }

    private void accept(ProduceRequest produce) {
        if (drained != null) {
            replies.rejected(produce.reply(), ProduceProblems.shuttingDown());
        } else if (!memory.mayTake(produce.payload().size() + OpenBlock.OVERHEAD_BYTES)) {
            replies.rejected(produce.reply(), ProduceProblems.overloaded());
        } else if (BackpressurePolicy.rejects(backlog.fullness())) {
            // No upload follows that would report the level.
            metrics.backlog(backlog.fullness());
            replies.rejected(produce.reply(), ProduceProblems.mergeBacklogFull());
        } else if (pendingLookups.waitFor(produce.topic(), produce.partition())) {
            awaitBarrier(produce);
        } else {
            TopicWriteState route = writeStates.named(produce.topic());
            if (route != null && route.has(produce.partition())) {
                add(route, produce);
            } else if (TopicName.isLegal(produce.topic())) {
                awaitBarrier(produce);
            } else {
                replies.rejected(
                        produce.reply(), ProduceProblems.invalidTopicName(produce.topic()));
            }
        }
    }

    private void awaitBarrier(ProduceRequest produce) {
        byte[] copy = produce.payload().toByteArray();
        ProduceRequest kept = produce.withPayload(UnsafeByteOperations.unsafeWrap(copy));
        long bytes = copy.length + OpenBlock.OVERHEAD_BYTES;
        memory.take(bytes);
        pendingLookups.add(
                produce.topic(),
                produce.partition(),
                problem -> {
                    if (problem != null) {
                        replies.rejected(kept.reply(), problem);
                    } else {
                        recheck(kept);
                    }
                    release(bytes);
                    completeDrain();
                });
    }

    private void recheck(ProduceRequest produce) {
        TopicWriteState route = writeStates.named(produce.topic());
        if (route == null) {
            replies.rejected(produce.reply(), ProduceProblems.unknownTopic(produce.topic()));
        } else if (!route.has(produce.partition())) {
            replies.rejected(
                    produce.reply(),
                    ProduceProblems.unknownPartition(
                            produce.topic(), produce.partition(), route.topic().partitionCount()));
        } else {
            add(route, produce);
        }
    }

    private void add(TopicWriteState route, ProduceRequest produce) {
        int maxBytes = route.limits().maxBytes();
        if (produce.payload().size() > maxBytes && !produce.packed()) {
            // Before the copy, so that an oversized batch costs no memory.
            replies.rejected(
                    produce.reply(),
                    ProduceProblems.tooLarge(
                            produce.topic(),
                            produce.partition(),
                            produce.payload().size(),
                            maxBytes));
            return;
        }
        if (sealer.add(route, produce) instanceof BatchVerdict.Rejected(var problem)) {
            replies.rejected(
                    produce.reply(),
                    ProduceProblems.at(produce.topic(), produce.partition(), problem));
        } else if (drained != null) {
            sealer.seal(SealReason.DRAIN);
        }
    }

    private void release(long bytes) {
        memory.release(bytes);
        metrics.memory(memory.usedBytes());
    }

    private void abandon() {
        pipeline.abandon();
        if (drained != null) {
            drained.complete(null);
        }
    }

    private void completeDrain() {
        if (drained != null && pipeline.isEmpty() && pendingLookups.isEmpty()) {
            drained.complete(null);
        }
    }

    private final class PipelineEvents implements BlockPipeline.PipelineListener {
        @Override
        public void uploadEnded() {
            sealer.sealOrWait();
        }

        @Override
        public void answered(SealedBlock block) {
            sealer.answered(block);
            release(block.memoryBytes());
            completeDrain();
        }
    }
}
