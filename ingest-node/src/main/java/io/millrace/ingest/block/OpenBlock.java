package io.millrace.ingest.block;

import com.google.protobuf.ByteString;
import io.millrace.ingest.pack.PackOutcome;
import io.millrace.ingest.pack.PendingRecords;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.BatchValidator;
import io.millrace.protocol.batch.BatchVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The block that accepts batches now. Copies and validates each batch. Pure. */
public final class OpenBlock {

    /** The memory cost of a batch beyond its bytes. */
    public static final int OVERHEAD_BYTES = 256;

    private static final byte[] NOTHING = new byte[0];

    private final BlockArena arena;
    private final List<PartitionRun> runs = new ArrayList<>();
    private final List<TopicWriteState> writeStates = new ArrayList<>();
    private long openedNanos;
    private int batches;
    private long records;
    private long sizeBytes;
    private long recordMemoryBytes;
    private boolean needsTransform;

    public OpenBlock(long targetBytes) {
        this.arena = new BlockArena(targetBytes);
    }

    /**
     * Adds a batch if valid. The payload may change after the call.
     *
     * @param produce for a partition that {@code route} has
     * @param nowMs milliseconds since 1970
     */
    public BatchVerdict add(TopicWriteState route, ProduceRequest produce, long nowMs) {
        return produce.packed()
                ? addRecords(route, produce, nowMs)
                : addBatch(route, produce, nowMs);
    }

    private BatchVerdict addBatch(TopicWriteState route, ProduceRequest produce, long nowMs) {
        ByteString bytes = produce.payload();
        arena.stage(bytes);
        byte[] array = arena.stagedArray();
        int at = arena.stagedAt();
        BatchVerdict verdict = BatchValidator.check(array, at, bytes.size(), route.limits(), nowMs);
        if (verdict != BatchVerdict.ACCEPTED) {
            return verdict;
        }
        arena.keep();
        int count = BatchHeader.recordCount(array, at);
        BlockBatch batch = new BlockBatch(produce.pendingAck(count), array, at, bytes.size());
        if (ReadyBatchTransform.isNeeded(route.topic(), array, at)) {
            batch.setTransform(new ReadyBatchTransform(route.topic(), batch.slice()));
            needsTransform = true;
        }
        runOf(route, produce.partition()).append(batch);
        count(produce, count);
        return verdict;
    }

    private BatchVerdict addRecords(TopicWriteState route, ProduceRequest produce, long nowMs) {
        PartitionRun run = route.openRun(produce.partition());
        BlockBatch tail = run == null ? null : run.tail();
        // Only the last batch is extended: records sent after a ready-made batch must stay after
        // it.
        if (tail != null && tail.transform() instanceof PackedBatchTransform(_, var records)) {
            PackOutcome appended = append(records, records.memoryBytes(), route, produce, nowMs);
            if (!(appended instanceof PackOutcome.Full)) {
                return taken(appended, tail::addAck, produce);
            }
        }
        PendingRecords records = new PendingRecords(PackedBatchTransform.TARGET_BYTES);
        return taken(
                append(records, 0, route, produce, nowMs),
                waiter -> {
                    BlockBatch batch = new BlockBatch(waiter, NOTHING, 0, 0);
                    batch.setTransform(new PackedBatchTransform(route.topic(), records));
                    runOf(route, produce.partition()).append(batch);
                },
                produce);
    }

    private PackOutcome append(
            PendingRecords records,
            int memoryBefore,
            TopicWriteState route,
            ProduceRequest produce,
            long nowMs) {
        PackOutcome appended = records.append(produce.payload(), nowMs, route.topic().settings());
        // A rejected append may have grown records that the block already has.
        if (appended instanceof PackOutcome.Added || memoryBefore > 0) {
            recordMemoryBytes += records.memoryBytes() - memoryBefore;
        }
        return appended;
    }

    private BatchVerdict taken(
            PackOutcome appended, Consumer<PendingAck> waiters, ProduceRequest produce) {
        return switch (appended) {
            case PackOutcome.Added(_, var count) -> {
                waiters.accept(produce.pendingAck(count));
                needsTransform = true;
                count(produce, count);
                yield BatchVerdict.ACCEPTED;
            }
            case PackOutcome.Rejected(var problem) -> new BatchVerdict.Rejected(problem);
            case PackOutcome.Full() -> throw new IllegalStateException("full without records");
        };
    }

    public void close() {
        for (int i = 0; i < runs.size(); i++) {
            writeStates.get(i).close(runs.get(i).partition());
        }
        runs.sort(null);
    }

    /** Returns the runs, sorted by topic and partition once the block is closed. */
    List<PartitionRun> runs() {
        return runs;
    }

    public int batches() {
        return batches;
    }

    public long records() {
        return records;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** Returns the time of acceptance of the first batch, on the event loop's clock. */
    public long openedNanos() {
        return openedNanos;
    }

    boolean needsTransform() {
        return needsTransform;
    }

    private void count(ProduceRequest produce, int recordCount) {
        if (batches == 0) {
            openedNanos = produce.acceptedNanos();
        }
        batches++;
        records += recordCount;
        sizeBytes += produce.payload().size();
    }

    public long memoryBytes() {
        return arena.memoryBytes() + recordMemoryBytes + (long) batches * OVERHEAD_BYTES;
    }

    private PartitionRun runOf(TopicWriteState route, int partition) {
        PartitionRun run = route.openRun(partition);
        if (run == null) {
            run = new PartitionRun(route.topic(), partition);
            route.open(run);
            runs.add(run);
            writeStates.add(route);
        }
        return run;
    }
}
