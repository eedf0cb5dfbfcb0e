package io.millrace.ingest.commit;

import io.millrace.ingest.block.BlockBatch;
import io.millrace.ingest.block.CommitTiming;
import io.millrace.ingest.block.PartitionRun;
import io.millrace.ingest.block.PendingAck;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceOutcome.Acknowledged;
import io.millrace.ingest.block.ProduceOutcome.Rejected;
import io.millrace.ingest.block.ProduceProblems;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.ingest.block.SealedBlock;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Replies to the producers of a block, exactly once each. */
public final class ProduceReplies {

    private static final Logger LOG = Logger.getLogger(ProduceReplies.class);

    private final Supplier<Topics> topics;
    private final IngestMetrics metrics;

    public ProduceReplies(Supplier<Topics> topics, IngestMetrics metrics) {
        this.topics = topics;
        this.metrics = metrics;
    }

    /**
     * @param items the outcome of each item of the command
     * @param durableNanos the time at which the entry was durable, between upload and now
     */
    void applied(
            SealedBlock block, List<Outcome.ItemOutcome> items, long durableNanos, long nowNanos) {
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.rejection() == null) {
                    Outcome.ItemOutcome item = items.get(batch.item());
                    replyAll(run, block, batch, item, durableNanos, nowNanos);
                }
            }
        }
    }

    void rejected(SealedBlock block, Problem problem) {
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.rejection() == null) {
                    rejected(batch, problem);
                }
            }
        }
    }

    void rejected(BlockBatch batch, Problem problem) {
        rejected(batch.firstAck().reply(), problem);
        for (PendingAck waiter : batch.otherAcks()) {
            rejected(waiter.reply(), problem);
        }
    }

    public void rejected(ProduceReply reply, Problem problem) {
        metrics.rejected(problem.reason());
        reply(reply, new Rejected(problem));
    }

    private void replyAll(
            PartitionRun run,
            SealedBlock block,
            BlockBatch batch,
            Outcome.ItemOutcome item,
            long durableNanos,
            long nowNanos) {
        if (item instanceof Outcome.ItemOutcome.Rejected(var reason)) {
            rejected(batch, problemOf(run, reason));
            return;
        }
        int before = batch.offsetInItem();
        PendingAck waiter = batch.firstAck();
        reply(waiter.reply(), accepted(block, waiter, item, before, durableNanos, nowNanos));
        before += waiter.recordCount();
        for (PendingAck other : batch.otherAcks()) {
            reply(other.reply(), accepted(block, other, item, before, durableNanos, nowNanos));
            before += other.recordCount();
        }
    }

    private Problem problemOf(PartitionRun run, Reason reason) {
        String name = run.topic().name();
        boolean recreated =
                reason == Reason.UNKNOWN_PARTITION
                        && topics.get()
                                .named(name)
                                .filter(topic -> topic.id() != run.topic().id())
                                .isPresent();
        return recreated
                ? ProduceProblems.recreated(name, run.partition())
                : ProduceProblems.rejected(name, run.partition(), reason);
    }

    private static ProduceOutcome accepted(
            SealedBlock block,
            PendingAck waiter,
            Outcome.ItemOutcome item,
            int offsetInItem,
            long durableNanos,
            long nowNanos) {
        CommitTiming timing =
                new CommitTiming(
                        block.sealedNanos() - waiter.acceptedNanos(),
                        block.uploadedNanos() - block.sealedNanos(),
                        durableNanos - block.uploadedNanos(),
                        nowNanos - durableNanos);
        return switch (item) {
            case Outcome.ItemOutcome.Appended(var base) ->
                    new Acknowledged(base + offsetInItem, block.appendTimeMs(), false, timing);
            case Outcome.ItemOutcome.Duplicate(var base, var appendTimeMs) ->
                    new Acknowledged(base + offsetInItem, appendTimeMs, true, timing);
            case Outcome.ItemOutcome.OldDuplicate() -> new Acknowledged(-1, -1, true, timing);
            case Outcome.ItemOutcome.Rejected(var reason) ->
                    throw new IllegalStateException("rejected with " + reason);
        };
    }

    private static void reply(ProduceReply reply, ProduceOutcome outcome) {
        try {
            reply.complete(outcome);
        } catch (RuntimeException bug) {
            // A bug of one caller must not leave the block's other producers without a reply.
            LOG.error("The callback of a produce request failed", bug);
        }
    }
}
