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

/** The block that takes batches now. Copies and checks each, and keeps those it accepts. Pure. */
public final class OpenBlock {

    /** What a batch costs beside its bytes: its place here, its waiter, its outcome. */
    public static final int OVERHEAD_BYTES = 256;

    private static final byte[] NOTHING = new byte[0];

    private final BlockArena buffer;
    private final List<PartitionRun> runs = new ArrayList<>();
    private final List<TopicWriteState> routes = new ArrayList<>();
    private long openedNanos;
    private int batches;
    private long records;
    private long sizeBytes;
    private long recordMemoryBytes;
    private boolean hasWork;

    /**
     * @param targetBytes when it will be full
     */
    public OpenBlock(long targetBytes) {
        this.buffer = new BlockArena(targetBytes);
    }

    /**
     * Takes a batch if its check allows. The payload may change afterwards.
     *
     * @param produce its partition is one that the route has
     * @param nowMs milliseconds since 1970
     */
    public BatchVerdict add(TopicWriteState route, ProduceRequest produce, long nowMs) {
        return produce.packed()
                ? addRecords(route, produce, nowMs)
                : addBatch(route, produce, nowMs);
    }

    private BatchVerdict addBatch(TopicWriteState route, ProduceRequest produce, long nowMs) {
        ByteString bytes = produce.payload();
        buffer.stage(bytes);
        byte[] array = buffer.stagedArray();
        int at = buffer.stagedAt();
        BatchVerdict verdict = BatchValidator.check(array, at, bytes.size(), route.limits(), nowMs);
        if (verdict != BatchVerdict.ACCEPTABLE) {
            return verdict;
        }
        buffer.keep();
        int count = BatchHeader.recordCount(array, at);
        BlockBatch batch = new BlockBatch(produce.waiter(count), array, at, bytes.size());
        if (ReadyBatchTransform.isNeeded(route.topic(), array, at)) {
            batch.setWork(new ReadyBatchTransform(route.topic(), batch.slice()));
            hasWork = true;
        }
        runOf(route, produce.partition()).append(batch);
        count(produce, count);
        return verdict;
    }

    private BatchVerdict addRecords(TopicWriteState route, ProduceRequest produce, long nowMs) {
        PartitionRun run = route.openRun(produce.partition());
        BlockBatch tail = run == null ? null : run.tail();
        // Only the last one: what comes behind a ready-made batch must stay behind it.
        if (tail != null && tail.work() instanceof PackedBatchTransform(_, var records)) {
            PackOutcome appended = append(records, records.memoryBytes(), route, produce, nowMs);
            if (!(appended instanceof PackOutcome.Full)) {
                return taken(appended, tail::addWaiter, produce);
            }
        }
        PendingRecords records = new PendingRecords(PackedBatchTransform.TARGET_BYTES);
        return taken(
                append(records, 0, route, produce, nowMs),
                waiter -> {
                    BlockBatch batch = new BlockBatch(waiter, NOTHING, 0, 0);
                    batch.setWork(new PackedBatchTransform(route.topic(), records));
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
        if (appended instanceof PackOutcome.Added) {
            recordMemoryBytes += records.memoryBytes() - memoryBefore;
        }
        return appended;
    }

    private BatchVerdict taken(
            PackOutcome appended, Consumer<PendingAck> waiters, ProduceRequest produce) {
        return switch (appended) {
            case PackOutcome.Added(_, var count) -> {
                waiters.accept(produce.waiter(count));
                hasWork = true;
                count(produce, count);
                yield BatchVerdict.ACCEPTABLE;
            }
            case PackOutcome.Rejected(var problem) -> new BatchVerdict.Rejected(problem);
            case PackOutcome.Full() -> throw new IllegalStateException("full without records");
        };
    }

    /** No batch comes any more. */
    public void close() {
        for (int i = 0; i < runs.size(); i++) {
            routes.get(i).close(runs.get(i).partition());
        }
        runs.sort(null);
    }

    /** By topic and partition, once it is closed. */
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

    /** When its first batch was accepted, on the loop's clock. */
    public long openedNanos() {
        return openedNanos;
    }

    /** Whether there is work to do for a batch off the loop. */
    boolean hasWork() {
        return hasWork;
    }

    private void count(ProduceRequest produce, int recordCount) {
        if (batches == 0) {
            openedNanos = produce.acceptedNanos();
        }
        batches++;
        records += recordCount;
        sizeBytes += produce.payload().size();
    }

    /** Memory that it and its way to the bucket cost. */
    public long memoryBytes() {
        return buffer.memoryBytes() + recordMemoryBytes + (long) batches * OVERHEAD_BYTES;
    }

    private PartitionRun runOf(TopicWriteState route, int partition) {
        PartitionRun run = route.openRun(partition);
        if (run == null) {
            run = new PartitionRun(route.topic(), partition);
            route.open(run);
            runs.add(run);
            routes.add(route);
        }
        return run;
    }
}
