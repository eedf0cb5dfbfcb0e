package io.millrace.compaction.merge;

import io.millrace.compaction.input.MergeSettings;
import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Selects the objects of the next merge. Pure. */
final class MergePolicy {

    private static final int TIER_BITS = 2;

    /**
     * Blocks are merged from this number, however small. Not earlier, because tailing readers
     * receive blocks from memory but segments from the bucket.
     */
    private static final int MANY_BLOCKS = 4_000;

    /** A log entry has room for all names. */
    private static final int MAX_BLOCKS = 8_000;

    /** Maximum segments of a merge, and maximum growth of runs. */
    private static final int MAX_SEGMENTS = 16;

    /** Divisor of the segment size for long runs; longer runs would hardly save requests. */
    private static final int LONG_RUNS_PER_SEGMENT = 64;

    /** Sufficient share of a long run near the input limit. */
    private static final double NEARLY_LONG_SHARE = 0.75;

    private final MergeSettings settings;

    MergePolicy(MergeSettings settings) {
        this.settings = settings;
    }

    /**
     * Returns the inputs of the next merge by the first rule that selects objects:
     *
     * <ol>
     *   <li>WAL blocks are due, oldest first, at a sufficient number and size or at the maximum
     *       delay. Large blocks wait until they fill large segments.
     *   <li>Small segments of one retention class are due if they fill a large segment, or if
     *       enough have about the same size.
     *   <li>If due blocks and small segments fill a large segment only together, a common merge
     *       saves a rewrite.
     *   <li>Otherwise due blocks are merged alone.
     *   <li>Segments with less than half of their bytes alive are rewritten, unless retention
     *       deletes the rest soon.
     * </ol>
     *
     * @param nowMs time for the age of blocks, in milliseconds since 1970
     */
    List<StoredObject> next(
            List<StoredObject> stored,
            Predicate<StoredObject> isMine,
            LongFunction<RetentionClass> classOf,
            long nowMs) {
        List<StoredObject> blocks = new ArrayList<>(blocks(stored, isMine));
        List<StoredObject> sparse = new ArrayList<>();
        Map<RetentionClass, List<StoredObject>> small = new LinkedHashMap<>();
        for (StoredObject object : stored) {
            boolean isBlock = object.object().id().kind() == ObjectId.Kind.WAL;
            if (isBlock || isExcluded(object) || !isMine.test(object)) {
                continue;
            }
            if (object.isSparse()) {
                if (!classOf.apply(object.topicId()).expiresSoon(object.storedMs(), nowMs)) {
                    sparse.add(object);
                }
            } else if (object.object().sizeBytes() < settings.segmentBytes() / 2) {
                small.computeIfAbsent(classOf.apply(object.topicId()), none -> new ArrayList<>())
                        .add(object);
            }
        }
        List<StoredObject> dueBlocks = dueBlocks(blocks, nowMs);
        for (List<StoredObject> of : small.values()) {
            List<StoredObject> due =
                    dueBlocks.isEmpty() ? dueSegments(of) : dueTogether(of, dueBlocks);
            if (!due.isEmpty()) {
                return due;
            }
        }
        return dueBlocks.isEmpty() ? oldest(sparse) : dueBlocks;
    }

    static List<StoredObject> blocks(List<StoredObject> stored, Predicate<StoredObject> isMine) {
        return stored.stream()
                .filter(object -> object.object().id().kind() == ObjectId.Kind.WAL)
                .filter(object -> !isExcluded(object) && isMine.test(object))
                .toList();
    }

    /**
     * Returns whether offloaded extents exclude an object from merges. A block or sparse segment
     * with extents in memory is merged, because key compaction may wait for the merge.
     */
    private static boolean isExcluded(StoredObject object) {
        ObjectId.Kind kind = object.object().id().kind();
        boolean mayBeParted = object.isSparse() || kind == ObjectId.Kind.WAL;
        return kind == ObjectId.Kind.MANIFEST
                || (object.offloadedExtents() > 0
                        && !(mayBeParted && object.offloadedExtents() < object.extents()));
    }

    private List<StoredObject> dueBlocks(List<StoredObject> blocks, long nowMs) {
        blocks.sort(StoredObject.OLDEST_FIRST);
        MergeEstimate sum = new MergeEstimate();
        for (int i = 0; i < blocks.size(); i++) {
            sum.add(blocks.get(i));
            boolean enough = sum.objects >= settings.blocks() && sum.bytes >= settings.blockBytes();
            // Blocks that fill a large segment wait for longer runs while the number of inputs
            // permits.
            boolean mayWait =
                    sum.bytes >= settings.segmentBytes() / 2 && sum.objects < settings.maxInputs();
            if ((enough && !mayWait)
                    || sum.makesLargeSegments()
                    || sum.hasManyExtents()
                    || sum.objects == MANY_BLOCKS) {
                return fitting(blocks.subList(0, i + 1));
            }
        }
        boolean waitedLong =
                blocks.size() > 1
                        && blocks.getFirst().wasStoredBy(nowMs - settings.delay().toMillis());
        return waitedLong ? fitting(blocks) : List.of();
    }

    /**
     * Returns the oldest blocks that fit into one merge. Memory limits blocks that are read with
     * one request; connections limit larger blocks.
     */
    private List<StoredObject> fitting(List<StoredObject> oldestFirst) {
        int max = Math.min(oldestFirst.size(), MAX_BLOCKS);
        int waiting = 0;
        long bytes = 0;
        for (int i = 0; i < max; i++) {
            long sizeBytes = oldestFirst.get(i).object().sizeBytes();
            bytes += Math.min(sizeBytes, MergeSettings.READ_AT_ONCE_BYTES);
            waiting += sizeBytes > MergeSettings.READ_AT_ONCE_BYTES ? 1 : 0;
            boolean fits = waiting <= settings.maxInputs() && bytes <= settings.windowBytes();
            if (i >= settings.maxInputs() && !fits) {
                return oldestFirst.subList(0, i);
            }
        }
        return oldestFirst.subList(0, max);
    }

    private List<StoredObject> dueSegments(List<StoredObject> small) {
        small.sort(StoredObject.OLDEST_FIRST);
        MergeEstimate all = new MergeEstimate();
        for (int i = 0; i < Math.min(small.size(), settings.maxInputs()); i++) {
            all.add(small.get(i));
            if (i > 0 && all.makesLargeSegments()) {
                return small.subList(0, i + 1);
            }
            if (all.hasManyExtents()) {
                break;
            }
        }
        Map<Integer, List<StoredObject>> tiers =
                small.stream().collect(Collectors.groupingBy(MergePolicy::tier));
        for (List<StoredObject> tier : tiers.values()) {
            MergeEstimate sum = new MergeEstimate();
            for (int i = 0; i < tier.size(); i++) {
                sum.add(tier.get(i));
                if (i > 0 && (sum.objects == settings.fanIn() || sum.hasManyExtents())) {
                    return tier.subList(0, i + 1);
                }
            }
        }
        return List.of();
    }

    /**
     * Returns small segments with the due blocks, if only both fill large segments. At the input
     * limit, a slightly smaller result suffices.
     */
    private List<StoredObject> dueTogether(List<StoredObject> small, List<StoredObject> blocks) {
        int room = Math.max(0, settings.maxInputs() - small.size());
        List<StoredObject> going = blocks.subList(0, Math.min(room, blocks.size()));
        MergeEstimate alone = new MergeEstimate();
        blocks.forEach(alone::add);
        MergeEstimate sum = new MergeEstimate();
        small.forEach(sum::add);
        if (alone.makesLargeSegments()
                || sum.makesLargeSegments()
                || 2 * going.size() < blocks.size()) {
            return List.of();
        }
        going.forEach(sum::add);
        boolean isFull = small.size() + going.size() == settings.maxInputs();
        if (sum.hasManyExtents()
                || !(isFull ? sum.makesNearlyLongRuns() : sum.makesLargeSegments())) {
            return List.of();
        }
        List<StoredObject> all = new ArrayList<>(small);
        all.sort(StoredObject.OLDEST_FIRST);
        all.addAll(going);
        return all;
    }

    private long longRunBytes() {
        return settings.segmentBytes() / LONG_RUNS_PER_SEGMENT;
    }

    private final class MergeEstimate {

        private int objects;
        private long bytes;
        private long extents;

        /** Estimated contiguous run of a partition in the result. */
        private long runBytes;

        void add(StoredObject object) {
            objects++;
            bytes += object.liveBytes();
            extents += object.extents();
            runBytes += object.liveBytes() / Math.max(1, object.extents());
        }

        boolean makesLargeSegments() {
            return makes(1);
        }

        boolean makesNearlyLongRuns() {
            return makes(NEARLY_LONG_SHARE);
        }

        private boolean makes(double share) {
            return bytes >= settings.segmentBytes()
                    && (runBytes >= share * longRunBytes()
                            || bytes >= share * MAX_SEGMENTS * settings.segmentBytes());
        }

        boolean hasManyExtents() {
            return extents >= MergeSettings.MAX_JOB_EXTENTS;
        }
    }

    private List<StoredObject> oldest(List<StoredObject> sparse) {
        sparse.sort(StoredObject.OLDEST_FIRST);
        MergeEstimate sum = new MergeEstimate();
        for (int i = 0; i < sparse.size(); i++) {
            sum.add(sparse.get(i));
            if (sum.objects == settings.fanIn() || sum.hasManyExtents()) {
                return sparse.subList(0, i + 1);
            }
        }
        return sparse;
    }

    private static int tier(StoredObject object) {
        return (Long.SIZE - Long.numberOfLeadingZeros(object.liveBytes())) / TIER_BITS;
    }
}
