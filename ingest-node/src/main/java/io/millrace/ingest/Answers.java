package io.millrace.ingest;

import io.millrace.ingest.ProduceOutcome.Acknowledged;
import io.millrace.ingest.ProduceOutcome.Refused;
import io.millrace.metadata.command.Outcome;
import io.millrace.protocol.error.Problem;
import java.util.List;
import org.jboss.logging.Logger;

/** Tells the producers of a block what became of their batches: every one exactly once. */
final class Answers {

    private static final Logger LOG = Logger.getLogger(Answers.class);

    private final IngestMetrics metrics;

    Answers(IngestMetrics metrics) {
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
                if (batch.refusal() == null) {
                    Outcome.Item item = items.get(batch.item());
                    tellAll(run, block, batch, item, durableNanos, nowNanos);
                }
            }
        }
    }

    /** Nobody's records of this block are stored, or perhaps: as the problem says. */
    void refused(SealedBlock block, Problem problem) {
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.refusal() == null) {
                    refused(batch, problem);
                }
            }
        }
    }

    /** Nobody's records of this batch are stored. */
    void refused(BlockBatch batch, Problem problem) {
        refused(batch.firstWaiter().reply(), problem);
        for (Waiter waiter : batch.otherWaiters()) {
            refused(waiter.reply(), problem);
        }
    }

    /** This produce is refused. */
    void refused(ProduceReply reply, Problem problem) {
        metrics.refused(problem.reason());
        tell(reply, new Refused(problem));
    }

    private void tellAll(
            PartitionRun run,
            SealedBlock block,
            BlockBatch batch,
            Outcome.Item item,
            long durableNanos,
            long nowNanos) {
        if (item instanceof Outcome.Item.Rejected(var reason)) {
            refused(batch, Problems.rejected(run.topic().name(), run.partition(), reason));
            return;
        }
        int before = batch.offsetInItem();
        Waiter waiter = batch.firstWaiter();
        tell(waiter.reply(), accepted(block, waiter, item, before, durableNanos, nowNanos));
        before += waiter.recordCount();
        for (Waiter other : batch.otherWaiters()) {
            tell(other.reply(), accepted(block, other, item, before, durableNanos, nowNanos));
            before += other.recordCount();
        }
    }

    private static ProduceOutcome accepted(
            SealedBlock block,
            Waiter waiter,
            Outcome.Item item,
            int offsetInItem,
            long durableNanos,
            long nowNanos) {
        Timing timing =
                new Timing(
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

    private static void tell(ProduceReply reply, ProduceOutcome outcome) {
        try {
            reply.done(outcome);
        } catch (RuntimeException bug) {
            // One caller's bug must not leave the others of the block without an answer.
            LOG.error("The receiver of a produce's outcome failed", bug);
        }
    }
}
