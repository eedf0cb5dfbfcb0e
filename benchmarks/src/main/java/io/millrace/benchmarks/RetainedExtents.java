package io.millrace.benchmarks;

import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures heap and checkpoint size for the metadata of retained records, by the number of extents
 * in memory and of offloaded extents. Each extent is 4 MiB of records, each segment 1 GiB of eight
 * partitions.
 */
public final class RetainedExtents {

    private static final int EXTENT_BYTES = 4 << 20;
    private static final int SEGMENT_EXTENTS = 256;
    private static final int SEGMENT_PARTITIONS = 8;
    private static final int ROW_EXTENTS = 1_024;
    private static final int MANIFEST_ROWS = 64;
    private static final int PARTITIONS = 1_000;

    private final MetadataState state = new MetadataState();
    private final int keep;
    private final Topic topic;
    private final List<RangeToOffload> rows = new ArrayList<>();
    private long n;
    private long objects;
    private long manifestPosition = 16;

    private RetainedExtents(long inMemory) {
        keep = (int) (inMemory / PARTITIONS / 2);
        topic =
                ((Outcome.TopicReady) apply(new Command.TopicCreated("t", PARTITIONS, Map.of())))
                        .topic();
    }

    /**
     * @param arguments pairs of the number of extents and the number of extents to keep in memory
     */
    public static void main(String... arguments) {
        System.out.printf(
                "%12s %12s %12s %14s %14s%n",
                "extents", "in memory", "rows", "heap, bytes", "checkpoint");
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            print(Long.parseLong(arguments[i]), Long.parseLong(arguments[i + 1]));
        }
    }

    private static void print(long extents, long inMemory) {
        long before = alive();
        RetainedExtents retained = new RetainedExtents(inMemory);
        retained.fill(extents);
        long heap = alive() - before;
        MetadataState.Sizes sizes = retained.state.sizes();
        int checkpoint = CheckpointCodec.encode(retained.state.snapshot()).length;
        System.out.printf(
                "%,12d %,12d %,12d %,14d %,14d%n",
                sizes.extents() + sizes.offloaded(),
                sizes.extents(),
                retained.rowCount(),
                heap,
                checkpoint);
        Reference.reachabilityFence(retained);
    }

    private static long alive() {
        System.gc();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private void fill(long extents) {
        int partition = 0;
        for (long done = 0; done < extents; done += SEGMENT_EXTENTS) {
            List<BatchItem> items = new ArrayList<>(SEGMENT_EXTENTS);
            for (int i = 0; i < SEGMENT_EXTENTS; i++) {
                items.add(
                        new BatchItem(
                                topic.id(),
                                partition + i % SEGMENT_PARTITIONS,
                                4_096,
                                16 + (long) i * EXTENT_BYTES,
                                EXTENT_BYTES,
                                1_700_000_000_000L + done,
                                ProducerStamp.NONE));
            }
            ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 7, objects++);
            long end = 16 + (long) SEGMENT_EXTENTS * EXTENT_BYTES;
            apply(
                    new Command.BlockCommitted(
                            new ObjectRef(id, end, end + 66_000), 1_700_000_000_000L, items));
            for (int i = 0; i < SEGMENT_PARTITIONS; i++) {
                offload(partition + i);
            }
            partition = (partition + SEGMENT_PARTITIONS) % PARTITIONS;
        }
    }

    /** As {@code OffloadPlan}, with half of the limit as the share that stays. */
    private void offload(int partition) {
        PartitionLog log = state.partition(topic.id(), partition).orElseThrow();
        if (log.extentsInMemory() < 2 * keep) {
            return;
        }
        for (OffloadCandidate cold :
                log.offloadCandidates(keep, 1, ROW_EXTENTS, 0, object -> MergeState.SETTLED)) {
            OffloadedRange last = log.lastOffloadedRange().orElse(null);
            boolean joins = last != null && last.extents() + cold.extents() <= ROW_EXTENTS;
            int before = joins && last != null ? last.extents() : 0;
            rows.add(
                    new RangeToOffload(
                            topic.id(),
                            partition,
                            joins && last != null ? last.baseOffset() : cold.baseOffset(),
                            cold.endOffset(),
                            manifestPosition,
                            before + cold.extents(),
                            cold.digest() + (joins && last != null ? last.digest() : 0)));
            manifestPosition += 28L * (before + cold.extents());
        }
        if (rows.size() >= MANIFEST_ROWS) {
            ObjectId id = new ObjectId(ObjectId.Kind.MANIFEST, 7, objects++);
            apply(
                    new Command.ExtentsOffloaded(
                            new ObjectRef(id, manifestPosition, manifestPosition + 200), rows));
            rows.clear();
            manifestPosition = 16;
        }
    }

    private long rowCount() {
        long count = 0;
        for (int i = 0; i < PARTITIONS; i++) {
            PartitionLog log = state.partition(topic.id(), i).orElseThrow();
            long at = 0;
            for (var row = log.offloadedRangeAt(at);
                    row.isPresent();
                    row = log.offloadedRangeAt(at)) {
                count++;
                at = row.get().endOffset();
            }
        }
        return count;
    }

    private Outcome apply(Command command) {
        ApplyResult applied = state.apply(new Entry(9, ++n, List.of(command)));
        return ((ApplyResult.Outcomes) applied).outcomes().getFirst();
    }
}
