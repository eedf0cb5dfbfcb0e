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
import io.millrace.protocol.error.Problem;
import java.util.List;
import org.jboss.logging.Logger;

/** Tells the producers of a block what became of their batches: every one exactly once. */
public final class ProduceReplies {

    private static final Logger LOG = Logger.getLogger(ProduceReplies.class);

    private final IngestMetrics metrics;

    public ProduceReplies(IngestMetrics metrics) {
        this.metrics = metrics;
    }

    /**
     * The block's command is applied.
     *
     * @param items an outcome for each of the command's items
     * @param durableNanos when its entry was durable, between its upload and now
     * @param nowNanos on the loop's clock
     */
    void applied(SealedBlock block, List<Outcome.Item> items, long durableNanos, long nowNanos) {
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.rejection() == null) {
                    Outcome.Item item = items.get(batch.item());
                    reportAll(run, block, batch, item, durableNanos, nowNanos);
                }
            }
        }
    }

    /** Nobody's records of this block are stored, or perhaps: as the problem says. */
    void rejected(SealedBlock block, Problem problem) {
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.rejection() == null) {
                    rejected(batch, problem);
                }
            }
        }
    }

    /** Nobody's records of this batch are stored. */
    void rejected(BlockBatch batch, Problem problem) {
        rejected(batch.firstWaiter().reply(), problem);
        for (PendingAck waiter : batch.otherWaiters()) {
            rejected(waiter.reply(), problem);
        }
    }

    /** This produce is refused. */
    public void rejected(ProduceReply reply, Problem problem) {
        metrics.rejected(problem.reason());
        report(reply, new Rejected(problem));
    }

    private void reportAll(
            PartitionRun run,
            SealedBlock block,
            BlockBatch batch,
            Outcome.Item item,
            long durableNanos,
            long nowNanos) {
        if (item instanceof Outcome.Item.Rejected(var reason)) {
            rejected(batch, ProduceProblems.rejected(run.topic().name(), run.partition(), reason));
            return;
        }
        int before = batch.offsetInItem();
        PendingAck waiter = batch.firstWaiter();
        report(waiter.reply(), accepted(block, waiter, item, before, durableNanos, nowNanos));
        before += waiter.recordCount();
        for (PendingAck other : batch.otherWaiters()) {
            report(other.reply(), accepted(block, other, item, before, durableNanos, nowNanos));
            before += other.recordCount();
        }
    }

    private static ProduceOutcome accepted(
            SealedBlock block,
            PendingAck waiter,
            Outcome.Item item,
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
            case Outcome.Item.Appended(var base) ->
                    new Acknowledged(base + offsetInItem, block.appendTimeMs(), false, timing);
            case Outcome.Item.Duplicate(var base, var appendTimeMs) ->
                    new Acknowledged(base + offsetInItem, appendTimeMs, true, timing);
            case Outcome.Item.OldDuplicate() -> new Acknowledged(-1, -1, true, timing);
            case Outcome.Item.Rejected(var reason) ->
                    throw new IllegalStateException("rejected with " + reason);
        };
    }

    private static void report(ProduceReply reply, ProduceOutcome outcome) {
        try {
            reply.done(outcome);
        } catch (RuntimeException bug) {
            // One caller's bug must not leave the others of the block without an answer.
            LOG.error("The receiver of a produce's outcome failed", bug);
        }
    }
}
