package io.millrace.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings.Compression;
import io.millrace.protocol.batch.BatchCheck;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.protocol.v1.RecordSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The block that takes batches now. Copies and checks each, and keeps those it accepts. Pure. */
final class OpenBlock {

    /** What a batch costs beside its bytes: its place here, its waiter, its outcome. */
    static final int OVERHEAD_BYTES = 256;

    private static final byte[] NOTHING = new byte[0];

    private final SegmentBuffer buffer = new SegmentBuffer();
    private final List<PartitionRun> runs = new ArrayList<>();
    private final List<TopicRoute> routes = new ArrayList<>();
    private long openedNanos;
    private int batches;
    private long records;
    private long sizeBytes;
    private long recordMemoryBytes;
    private boolean hasWork;

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
        BatchWork work = workFor(route.topic(), batch);
        if (work != null) {
            batch.setWork(work);
            hasWork = true;
        }
        runOf(route, produce.partition()).append(batch);
        count(produce, count);
        return verdict;
    }

    private BatchVerdict addRecords(TopicRoute route, Produce produce, long nowMs) {
        RecordSet set;
        try {
            set = PackedBatchWork.read(produce.payload());
        } catch (InvalidProtocolBufferException malformed) {
            return new BatchVerdict.Refused(Problems.malformedRecords(malformed));
        }
        BatchVerdict verdict = PackedBatchWork.check(set, route.topic(), nowMs);
        if (verdict != BatchVerdict.ACCEPTABLE) {
            return verdict;
        }
        int bytes = produce.payload().size();
        Waiter waiter = produce.waiter(set.getRecordsCount());
        PartitionRun run = runOf(route, produce.partition());
        BlockBatch tail = run.tail();
        // Only the last one: what comes behind a ready-made batch must stay behind it.
        if (tail != null && tail.work() instanceof PackedBatchWork pack && pack.hasRoomFor(bytes)) {
            pack.add(set, bytes, nowMs);
            tail.addWaiter(waiter);
        } else {
            PackedBatchWork pack = new PackedBatchWork(route.topic());
            pack.add(set, bytes, nowMs);
            BlockBatch batch = new BlockBatch(waiter, NOTHING, 0, 0);
            batch.setWork(pack);
            run.append(batch);
        }
        hasWork = true;
        // Decoded records lie in memory about twice, until they are packed.
        recordMemoryBytes += 2L * bytes + (long) set.getRecordsCount() * OVERHEAD_BYTES;
        count(produce, set.getRecordsCount());
        return verdict;
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

    private static @Nullable BatchWork workFor(Topic topic, BlockBatch batch) {
        Compression asked = topic.settings().compression();
        boolean compress =
                asked != Compression.PRODUCER
                        && asked != Compression.NONE
                        && BatchHeader.compression(batch.array(), batch.at()) == 0;
        return compress || topic.settings().compacted()
                ? new ReadyBatchWork(topic, batch.array(), batch.at(), batch.sizeBytes(), compress)
                : null;
    }
}
