package io.millrace.ingest;

import io.millrace.ingest.block.ArrivalRate;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.OpenBlock;
import io.millrace.ingest.block.ProduceRequest;
import io.millrace.ingest.block.SealPolicy;
import io.millrace.ingest.block.SealReason;
import io.millrace.ingest.block.SealedBlock;
import io.millrace.ingest.block.TopicWriteState;
import io.millrace.ingest.block.WaitingPeak;
import io.millrace.ingest.commit.BlockPipeline;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fills the open block and seals it according to {@link SealPolicy}, or, at the maximum number of
 * uploads, when an upload ends. Owned by the node's event loop.
 */
final class Sealer {

    /** Several lingers long, so that a single burst does not count as a rate. */
    private static final Duration RATE_MEMORY = Duration.ofSeconds(1);

    private final int targetBytes;
    private final long wholeLingerNanos;
    private final LongSupplier incarnation;
    private final BlockPipeline pipeline;
    private final MemoryBudget memory;
    private final EventLoop loop;
    private final InstantSource clock;
    private final IngestMetrics metrics;
    private final SealPolicy policy;
    private final ArrivalRate arrivals = new ArrivalRate(RATE_MEMORY);
    private final WaitingPeak waitingPeak;
    private int waitingRequests;
    private OpenBlock open;
    private long nextSequence;
    private EventLoop.@Nullable Timer linger;
    private long lingerEndsNanos;
    private long lastArrivalNanos;

    Sealer(
            IngestSettings settings,
            LongSupplier incarnation,
            BlockPipeline pipeline,
            MemoryBudget memory,
            EventLoop loop,
            InstantSource clock,
            IngestMetrics metrics) {
        this.targetBytes = settings.targetBytes();
        this.wholeLingerNanos = settings.linger().toNanos();
        this.incarnation = incarnation;
        this.pipeline = pipeline;
        this.memory = memory;
        this.loop = loop;
        this.clock = clock;
        this.metrics = metrics;
        this.policy = new SealPolicy(settings);
        this.waitingPeak = new WaitingPeak(RATE_MEMORY, loop.nanoTime());
        this.open = new OpenBlock(targetBytes);
    }

    BatchVerdict add(TopicWriteState route, ProduceRequest produce) {
        long before = open.memoryBytes();
        BatchVerdict verdict = open.add(route, produce, clock.millis());
        memory.take(open.memoryBytes() - before);
        if (verdict == BatchVerdict.ACCEPTED) {
            lastArrivalNanos = loop.nanoTime();
            arrivals.add(produce.payload().size(), lastArrivalNanos);
            waitingRequests++;
            int peak = waitingPeak.record(waitingRequests, lastArrivalNanos);
            SealReason full = policy.fullReason(open.sizeBytes(), open.batches());
            if (full != null) {
                seal(full);
            } else if (policy.hasAllProducers(pipeline.uploadsInFlight(), open.batches(), peak)) {
                seal(SealReason.EARLY);
            } else if (open.batches() == 1) {
                sealOrWait();
            }
        }
        return verdict;
    }

    /** Seals the open block if {@link SealPolicy} no longer lets it wait. */
    void sealOrWait() {
        if (open.batches() == 0) {
            return;
        }
        long now = loop.nanoTime();
        int uploads = pipeline.uploadsInFlight();
        int peak = waitingPeak.record(waitingRequests, now);
        if (policy.hasAllProducers(uploads, open.batches(), peak)) {
            seal(SealReason.EARLY);
            return;
        }
        long lingerNanos = policy.lingerNanos(uploads, arrivals.bytesWithin(wholeLingerNanos, now));
        if (lingerNanos == SealPolicy.NO_TIME_LIMIT) {
            cancelLinger();
            return;
        }
        // A batch does not move the timer; the time since the last one is known when the timer
        // ends.
        long idleNanos = policy.idleNanos(uploads);
        long waitedNanos = lastArrivalNanos - open.openedNanos();
        long waitNanos =
                idleNanos == SealPolicy.NO_TIME_LIMIT
                        ? lingerNanos
                        : Math.min(lingerNanos, waitedNanos + idleNanos);
        long ends = open.openedNanos() + waitNanos;
        if (ends - now <= 0) {
            seal(policy.lingerReason(waitNanos));
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

    /** Notes that the requests of a block have their replies. */
    void answered(SealedBlock block) {
        waitingRequests -= block.batches();
    }

    private void cancelLinger() {
        if (linger != null) {
            linger.cancel();
            linger = null;
        }
    }

    void seal(SealReason reason) {
        cancelLinger();
        if (open.batches() == 0) {
            return;
        }
        OpenBlock full = open;
        open = new OpenBlock(targetBytes);
        full.close();
        metrics.sealed(full, reason);
        metrics.memory(memory.usedBytes());
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, incarnation.getAsLong(), nextSequence++);
        pipeline.accept(new SealedBlock(id, full, loop.nanoTime(), clock.millis()));
    }
}
