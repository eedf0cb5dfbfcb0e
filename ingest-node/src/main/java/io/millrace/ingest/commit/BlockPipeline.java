package io.millrace.ingest.commit;

import io.millrace.ingest.block.BlockBatch;
import io.millrace.ingest.block.BlockEncoder;
import io.millrace.ingest.block.BlockLayout;
import io.millrace.ingest.block.CommitOrder;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.PartitionRun;
import io.millrace.ingest.block.PendingAck;
import io.millrace.ingest.block.ProduceProblems;
import io.millrace.ingest.block.SealedBlock;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command.BlockCommitted;
import io.millrace.metadata.command.Outcome;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.log.LogFields;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.trace.Tracer;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The pipeline of sealed blocks: transform batches, upload, commit in order, reply. Owned by the
 * node's event loop. The caller's memory budget bounds the queue.
 */
public final class BlockPipeline {

    private static final Logger LOG = Logger.getLogger(BlockPipeline.class);

    /** A listener for the progress of blocks. */
    public interface PipelineListener {
        void uploadEnded();

        void answered(SealedBlock block);
    }

    private final IngestSettings settings;
    private final Metadata metadata;
    private final MergeBacklog backlog;
    private final EventLoop loop;
    private final BlockEncoder encoder;
    private final BlockUploads uploads;
    private final IngestMetrics metrics;
    private final ProduceReplies replies;
    private final BlockSpans spans;
    private final PipelineListener listener;
    private final CommitOrder order = new CommitOrder();
    private final Set<SealedBlock> pendingBlocks = new LinkedHashSet<>();
    private int pendingUploads;

    public BlockPipeline(
            IngestSettings settings,
            Metadata metadata,
            ObjectStore store,
            MergeBacklog backlog,
            EventLoop loop,
            BlockEncoder encoder,
            SealedObjectSink sink,
            IngestMetrics metrics,
            Tracer tracer,
            PipelineListener listener) {
        this.settings = settings;
        this.metadata = metadata;
        this.backlog = backlog;
        this.loop = loop;
        this.encoder = encoder;
        this.uploads = new BlockUploads(settings, store, loop, sink, new UploadEvents());
        this.metrics = metrics;
        this.replies = new ProduceReplies(metadata::topics, metrics);
        this.spans = new BlockSpans(settings.cluster(), tracer);
        this.listener = listener;
    }

    /**
     * Accepts a block; blocks that share a (connection, partition) pair keep the order of these
     * calls.
     */
    public void accept(SealedBlock block) {
        pendingBlocks.add(block);
        pendingUploads++;
        metrics.uploadsInFlight(pendingUploads);
        CommitOrder.CommitSlot slot = order.register(() -> propose(block));
        block.setCommitSlot(slot);
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                addDependencies(slot, run, batch);
            }
        }
        block.setDeadline(
                loop.schedule(
                        settings.uploadDeadline(),
                        () -> fail(block, ProduceProblems.uploadTooSlow(block.id().toString()))));
        if (block.needsTransform()) {
            encoder.start(block, () -> layOut(block));
        } else {
            layOut(block);
        }
    }

    /** Returns the number of blocks that are not in the bucket yet. */
    public int uploadsInFlight() {
        return pendingUploads;
    }

    public boolean isEmpty() {
        return pendingBlocks.isEmpty();
    }

    /** Answers every block now, with OUTCOME_UNKNOWN for blocks that may be in the log. */
    public void abandon() {
        for (SealedBlock block : new ArrayList<>(pendingBlocks)) {
            if (block.stage() == SealedBlock.Stage.PROPOSED) {
                reject(block, ProduceProblems.outcomeUnknown());
            } else {
                fail(block, ProduceProblems.shuttingDown());
            }
        }
    }

    private void addDependencies(CommitOrder.CommitSlot slot, PartitionRun run, BlockBatch batch) {
        long topicId = run.topic().id();
        order.addDependency(slot, batch.firstAck().connection(), topicId, run.partition());
        for (PendingAck ack : batch.otherAcks()) {
            order.addDependency(slot, ack.connection(), topicId, run.partition());
        }
    }

    private void layOut(SealedBlock block) {
        if (block.stage() != SealedBlock.Stage.WAITING) {
            return;
        }
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                Problem rejection = batch.rejection();
                if (rejection != null) {
                    replies.rejected(
                            batch,
                            ProduceProblems.at(run.topic().name(), run.partition(), rejection));
                }
            }
        }
        SealedBlock.Layout layout =
                BlockLayout.layOut(block, Math.toIntExact(metadata.generation()));
        if (layout == null) {
            fail(block, ProduceProblems.internal("An empty block"));
            return;
        }
        block.setLayout(layout);
        uploads.add(block);
    }

    private void uploaded(SealedBlock block) {
        block.setStage(SealedBlock.Stage.UPLOADED);
        block.uploadedAt(loop.nanoTime());
        metrics.uploaded(block.ref().sizeBytes(), block.uploadedNanos() - block.sealedNanos());
        uploadFinished(block);
        double fullness = backlog.fullness();
        metrics.backlog(fullness);
        Duration delay = BackpressurePolicy.delay(fullness);
        if (delay.isZero()) {
            order.ready(commitSlotOf(block));
        } else {
            loop.schedule(delay, () -> release(block));
        }
    }

    private void release(SealedBlock block) {
        if (block.stage() == SealedBlock.Stage.UPLOADED) {
            order.ready(commitSlotOf(block));
        }
    }

    private void propose(SealedBlock block) {
        block.setStage(SealedBlock.Stage.PROPOSED);
        block.proposedAt(loop.nanoTime());
        var unused =
                metadata.propose(
                                new BlockCommitted(
                                        block.ref(), block.appendTimeMs(), block.layout().items()),
                                Metadata.Priority.PRODUCE)
                        .thenAccept(proposal ->
                                loop.runNowOrLater(() -> proposalCompleted(block, proposal)));
    }

    private void proposalCompleted(SealedBlock block, Proposal proposal) {
        if (block.stage() != SealedBlock.Stage.PROPOSED) {
            return;
        }
        switch (proposal) {
            case Proposal.Applied(Outcome.Block(var items), var durableNanos) ->
                    applied(block, items, durableNanos);
            case Proposal.Applied(Outcome.CommandRejected(var problem), _) ->
                    reject(block, problem);
            case Proposal.NotApplied(var problem) -> reject(block, problem);
            case Proposal.Unknown(var problem) -> reject(block, problem);
            case Proposal.Applied(var other, _) -> {
                LogFields.object(block.id())
                        .log(() ->
                                LOG.errorf(
                                        "The commit of %s returned the unexpected result %s",
                                        block.id(), other));
                reject(block, ProduceProblems.outcomeUnknown());
            }
        }
    }

    private void applied(SealedBlock block, List<Outcome.ItemOutcome> items, long durableNanos) {
        long now = loop.nanoTime();
        // The metadata's event loop may have another clock; phases must not be negative.
        long durable = Math.clamp(durableNanos, block.uploadedNanos(), now);
        metrics.applied(durable - block.uploadedNanos(), now - durable);
        replies.applied(block, items, durable, now);
        spans.applied(block, durable, now);
        finish(block);
    }

    private void fail(SealedBlock block, Problem problem) {
        if (block.stage() == SealedBlock.Stage.ANSWERED
                || block.stage() == SealedBlock.Stage.PROPOSED) {
            return;
        }
        boolean uploading = block.stage() != SealedBlock.Stage.UPLOADED;
        if (uploading) {
            uploadFinished(block);
        }
        reject(block, problem);
        order.failed(commitSlotOf(block));
        if (uploading) {
            listener.uploadEnded();
        }
    }

    private void reject(SealedBlock block, Problem problem) {
        replies.rejected(block, problem);
        spans.rejected(block, problem, loop.nanoTime());
        finish(block);
    }

    private void finish(SealedBlock block) {
        block.setStage(SealedBlock.Stage.ANSWERED);
        pendingBlocks.remove(block);
        listener.answered(block);
    }

    private void uploadFinished(SealedBlock block) {
        block.cancelDeadline();
        pendingUploads--;
        metrics.uploadsInFlight(pendingUploads);
    }

    private static CommitOrder.CommitSlot commitSlotOf(SealedBlock block) {
        CommitOrder.CommitSlot slot = block.commitSlot();
        if (slot == null) {
            throw new IllegalStateException(block.id() + " has no position in the commit order");
        }
        return slot;
    }

    private final class UploadEvents implements BlockUploads.UploadListener {
        @Override
        public void uploaded(SealedBlock block) {
            BlockPipeline.this.uploaded(block);
        }

        @Override
        public void failed(SealedBlock block, Problem problem) {
            fail(block, problem);
        }

        @Override
        public void slotFreed() {
            listener.uploadEnded();
        }
    }
}
