package io.millrace.ingest.commit;

import io.millrace.ingest.block.BlockBatch;
import io.millrace.ingest.block.PartitionRun;
import io.millrace.ingest.block.PendingAck;
import io.millrace.ingest.block.SealedBlock;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.runtime.trace.Tracer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Records the spans of a block with traced requests: {@code block}, from sealing until the
 * producers are answered, with the children {@code wait} (compression, and waiting for an upload
 * slot), {@code upload}, {@code order} (waiting for earlier blocks), {@code append} and {@code
 * apply}. The block is a child of its first traced request and linked to at most {@link #MAX_LINKS}
 * of them. Owned by the node's event loop.
 */
final class BlockSpans {

    static final int MAX_LINKS = 32;

    private final String cluster;
    private final Tracer tracer;

    BlockSpans(String cluster, Tracer tracer) {
        this.cluster = cluster;
        this.tracer = tracer;
    }

    /**
     * Records a block whose producers were answered with its offsets.
     *
     * @param durableNanos the time at which the entry was durable, between upload and now
     */
    void applied(SealedBlock block, long durableNanos, long nowNanos) {
        List<TraceContext> requests = tracedRequests(block);
        if (requests.isEmpty()) {
            return;
        }
        Optional<TraceContext> parent =
                Optional.of(tracer.record(blockSpan(block, requests, nowNanos)));
        recordUntilProposal(block, parent);
        long durable = Math.max(durableNanos, block.proposedNanos());
        tracer.record(Span.step("append", block.proposedNanos(), durable).childOf(parent));
        tracer.record(Span.step("apply", durable, nowNanos).childOf(parent));
    }

    /** Records a block whose producers are answered with a problem, up to the failed step. */
    void rejected(SealedBlock block, Problem problem, long nowNanos) {
        List<TraceContext> requests = tracedRequests(block);
        if (requests.isEmpty()) {
            return;
        }
        String why = problem.message();
        Optional<TraceContext> parent =
                Optional.of(tracer.record(blockSpan(block, requests, nowNanos).failed(why)));
        switch (block.stage()) {
            case WAITING -> recordFailed("wait", block.sealedNanos(), nowNanos, parent, why);
            case UPLOADING -> {
                recordWait(block, parent);
                recordFailed("upload", block.uploadBeganNanos(), nowNanos, parent, why);
            }
            case UPLOADED -> {
                recordWait(block, parent);
                recordUpload(block, parent);
                recordFailed("order", block.uploadedNanos(), nowNanos, parent, why);
            }
            case PROPOSED -> {
                recordUntilProposal(block, parent);
                recordFailed("append", block.proposedNanos(), nowNanos, parent, why);
            }
            case ANSWERED -> throw new IllegalStateException(block.id() + " is answered twice");
        }
    }

    private void recordUntilProposal(SealedBlock block, Optional<TraceContext> parent) {
        recordWait(block, parent);
        recordUpload(block, parent);
        tracer.record(
                Span.step("order", block.uploadedNanos(), block.proposedNanos()).childOf(parent));
    }

    private void recordWait(SealedBlock block, Optional<TraceContext> parent) {
        tracer.record(
                Span.step("wait", block.sealedNanos(), block.uploadBeganNanos()).childOf(parent));
    }

    private void recordUpload(SealedBlock block, Optional<TraceContext> parent) {
        tracer.record(
                Span.step("upload", block.uploadBeganNanos(), block.uploadedNanos())
                        .childOf(parent)
                        .with("millrace.size_bytes", block.ref().sizeBytes()));
    }

    private void recordFailed(
            String name,
            long startNanos,
            long nowNanos,
            Optional<TraceContext> parent,
            String why) {
        tracer.record(Span.step(name, startNanos, nowNanos).childOf(parent).failed(why));
    }

    private Span blockSpan(SealedBlock block, List<TraceContext> requests, long nowNanos) {
        return Span.step("block", block.sealedNanos(), nowNanos)
                .childOf(Optional.of(requests.getFirst()))
                .linkedTo(requests)
                .with("millrace.object", block.id().key(cluster).toString())
                .with("millrace.batches", block.batches());
    }

    /** Returns the span of the block's first traced request; empty if there is none. */
    static Optional<TraceContext> firstTraced(SealedBlock block) {
        return tracedRequests(block, 1).stream().findFirst();
    }

    private List<TraceContext> tracedRequests(SealedBlock block) {
        return tracer.isOn() ? tracedRequests(block, MAX_LINKS) : List.of();
    }

    private static List<TraceContext> tracedRequests(SealedBlock block, int max) {
        List<TraceContext> found = new ArrayList<>(0);
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.rejection() == null) {
                    addTo(found, batch.firstAck(), max);
                    batch.otherAcks().forEach(ack -> addTo(found, ack, max));
                }
                if (found.size() == max) {
                    return found;
                }
            }
        }
        return found;
    }

    private static void addTo(List<TraceContext> found, PendingAck ack, int max) {
        Optional<TraceContext> span = ack.reply().span();
        if (span.isPresent() && found.size() < max) {
            found.add(span.get());
        }
    }
}
