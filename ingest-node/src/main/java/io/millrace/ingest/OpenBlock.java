package io.millrace.ingest;

import com.google.protobuf.ByteString;
import io.millrace.ingest.pack.Appended;
import io.millrace.ingest.pack.PendingRecords;
import io.millrace.protocol.batch.BatchCheck;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.BatchVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The block that takes batches now. Copies and checks each, and keeps those it accepts. Pure. */
final class OpenBlock {

    /** What a batch costs beside its bytes: its place here, its waiter, its outcome. */
    static final int OVERHEAD_BYTES = 256;

    private static final byte[] NOTHING = new byte[0];

    private final SegmentBuffer buffer;
    private final List<PartitionRun> runs = new ArrayList<>();
    private final List<TopicRoute> routes = new ArrayList<>();
    private long openedNanos;
    private int batches;
    private long records;
    private long sizeBytes;
    private long recordMemoryBytes;
    private boolean hasWork;

    /**
     * @param targetBytes when it will be full
     */
    OpenBlock(long targetBytes) {
        this.buffer = new SegmentBuffer(targetBytes);
    }

    /**
     * Takes a batch if its check allows. The payload may change afterwards.
     *
     * @param produce its partition is one that the route has
     * @param nowMs milliseconds since 1970
     */
    BatchVerdict add(TopicRoute route, Produce produce, long nowMs) {
        return produce.packed()
                ? addRecords(route, produce, nowMs)
                : addBatch(route, produce, nowMs);
    }

    private BatchVerdict addBatch(TopicRoute route, Produce produce, long nowMs) {
        ByteString bytes = produce.payload();
        buffer.stage(bytes);
        byte[] array = buffer.stagedArray();
        int at = buffer.stagedAt();
        BatchVerdict verdict = BatchCheck.check(array, at, bytes.size(), route.limits(), nowMs);
        if (verdict != BatchVerdict.ACCEPTABLE) {
            return verdict;
        }
        buffer.keep();
        int count = BatchHeader.recordCount(array, at);
        BlockBatch batch = new BlockBatch(produce.waiter(count), array, at, bytes.size());
        if (ReadyBatchWork.isNeeded(route.topic(), array, at)) {
            batch.setWork(new ReadyBatchWork(route.topic(), batch.slice()));
            hasWork = true;
        }
        runOf(route, produce.partition()).append(batch);
        count(produce, count);
        return verdict;
    }

    private BatchVerdict addRecords(TopicRoute route, Produce produce, long nowMs) {
        PartitionRun run = route.openRun(produce.partition());
        BlockBatch tail = run == null ? null : run.tail();
        // Only the last one: what comes behind a ready-made batch must stay behind it.
        if (tail != null && tail.work() instanceof PackedBatchWork(_, var records)) {
            Appended appended = append(records, records.memoryBytes(), route, produce, nowMs);
            if (!(appended instanceof Appended.Full)) {
                return taken(appended, tail::addWaiter, produce);
            }
        }
        PendingRecords records = new PendingRecords(PackedBatchWork.TARGET_BYTES);
        return taken(
                append(records, 0, route, produce, nowMs),
                waiter -> {
                    BlockBatch batch = new BlockBatch(waiter, NOTHING, 0, 0);
                    batch.setWork(new PackedBatchWork(route.topic(), records));
                    runOf(route, produce.partition()).append(batch);
                },
                produce);
    }

    private Appended append(
            PendingRecords records,
            int memoryBefore,
            TopicRoute route,
            Produce produce,
            long nowMs) {
        Appended appended = records.append(produce.payload(), nowMs, route.topic().settings());
        if (appended instanceof Appended.Added) {
            recordMemoryBytes += records.memoryBytes() - memoryBefore;
        }
        return appended;
    }

    private BatchVerdict taken(Appended appended, Consumer<Waiter> waiters, Produce produce) {
        return switch (appended) {
            case Appended.Added(_, var count) -> {
                waiters.accept(produce.waiter(count));
                hasWork = true;
                count(produce, count);
                yield BatchVerdict.ACCEPTABLE;
            }
            case Appended.Refused(var problem) -> new BatchVerdict.Refused(problem);
            case Appended.Full() -> throw new IllegalStateException("full without records");
        };
    }

    /** No batch comes any more. */
    void close() {
        for (int i = 0; i < runs.size(); i++) {
            routes.get(i).close(runs.get(i).partition());
        }
        runs.sort(null);
    }

    /** By topic and partition, once it is closed. */
    List<PartitionRun> runs() {
        return runs;
    }

    int batches() {
        return batches;
    }

    long records() {
        return records;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** When its first batch was accepted, on the loop's clock. */
    long openedNanos() {
        return openedNanos;
    }

    /** Whether there is work to do for a batch off the loop. */
    boolean hasWork() {
        return hasWork;
    }

    private void count(Produce produce, int recordCount) {
        if (batches == 0) {
            openedNanos = produce.acceptedNanos();
        }
        batches++;
        records += recordCount;
        sizeBytes += produce.payload().size();
    }

    /** Memory that it and its way to the bucket cost. */
    long memoryBytes() {
        return buffer.memoryBytes() + recordMemoryBytes + (long) batches * OVERHEAD_BYTES;
    }

    private PartitionRun runOf(TopicRoute route, int partition) {
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
