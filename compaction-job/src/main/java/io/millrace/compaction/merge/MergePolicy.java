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

/** Says which objects are to be merged next. Pure. */
final class MergePolicy {

    /** In a tier none is so many times larger than another, 2 to this power. */
    private static final int TIER_BITS = 2;

    /**
     * So many blocks are merged however small they are. Not sooner: whoever follows the end reads
     * them out of memory, and segments out of the bucket.
     */
    private static final int MANY_BLOCKS = 4_000;

    /** Of so many one entry of the log can say that they are merged. */
    private static final int MAX_BLOCKS = 8_000;

    /**
     * What is merged at once is so many large segments, and so partitions as many times larger
     * stretches, at most.
     */
    private static final int SEGMENTS = 16;

    /**
     * Such a part of a large segment is a stretch of a partition that is long enough: larger ones
     * would save readers hardly any requests.
     */
    private static final int LONG_STRETCHES = 64;

    /** Such a share of a long stretch is nearly one. */
    private static final double NEARLY = 0.75;

    /** Pieces of partitions of which a merge makes larger ones: as many are in memory meanwhile. */
    private static final int MANY_EXTENTS = 250_000;

    private final MergeSettings settings;

    MergePolicy(MergeSettings settings) {
        this.settings = settings;
    }

    /**
     * The objects of the next merge.
     *
     * <p>The first of these rules that finds objects decides:
     *
     * <ol>
     *   <li>WAL blocks are due, oldest first, once there are enough of them or one has waited long
     *       enough. Large blocks wait until they make large segments.
     *   <li>Small segments of one retention class are due once they make a large segment, or once
     *       enough of them have about the same size. Each byte is rewritten once more, rarely
     *       twice.
     *   <li>If due blocks are all that small segments of one retention class lack, the blocks and
     *       the segments are merged together, and the blocks are written once less.
     *   <li>Otherwise due blocks are merged alone.
     *   <li>Sparse segments are rewritten: less than half of their bytes is alive, and retention
     *       does not delete the rest soon.
     * </ol>
     *
     * @param stored the objects that extents name
     * @param isMine whether this node is to merge an object
     * @param classOf what segments of a topic may be merged with
     * @param nowMs milliseconds since 1970, as it is for blocks
     * @return empty if nothing is due
     */
    List<StoredObject> next(
            List<StoredObject> stored,
            Predicate<StoredObject> isMine,
            LongFunction<RetentionClass> classOf,
            long nowMs) {
        List<StoredObject> blocks = new ArrayList<>(blocks(stored, isMine));
        List<StoredObject> sparse = new ArrayList<>();
        Map<RetentionClass, List<StoredObject>> small = new LinkedHashMap<>();
        for (StoredObject one : stored) {
            boolean isBlock = one.object().id().kind() == ObjectId.Kind.WAL;
            if (isBlock || isSettled(one) || !isMine.test(one)) {
                continue;
            }
            if (one.isSparse()) {
                if (!classOf.apply(one.topicId()).goesSoon(one.storedMs(), nowMs)) {
                    sparse.add(one);
                }
            } else if (one.object().sizeBytes() < settings.segmentBytes() / 2) {
                small.computeIfAbsent(classOf.apply(one.topicId()), none -> new ArrayList<>())
                        .add(one);
            }
        }
        List<StoredObject> dueBlocks = dueBlocks(blocks, nowMs);
        for (List<StoredObject> of : small.values()) {
            List<StoredObject> due =
                    dueBlocks.isEmpty() ? dueSegments(of) : together(of, dueBlocks);
            if (!due.isEmpty()) {
                return due;
            }
        }
        return dueBlocks.isEmpty() ? oldest(sparse, settings.fanIn()) : dueBlocks;
    }

    /**
     * The WAL blocks that wait to be merged.
     *
     * @param stored the objects that extents name
     * @param isMine whether this node is to merge an object
     */
    static List<StoredObject> blocks(List<StoredObject> stored, Predicate<StoredObject> isMine) {
        return stored.stream()
                .filter(one -> one.object().id().kind() == ObjectId.Kind.WAL)
                .filter(one -> !isSettled(one) && isMine.test(one))
                .toList();
    }

    /**
     * What extents name that are in no node's memory is not moved. What is in memory goes without
     * it from an object that is to go as a whole, and from a block: of topics that are compacted by
     * key nothing ever leaves memory, and passes over them wait for blocks to be merged.
     */
    private static boolean isSettled(StoredObject one) {
        ObjectId.Kind kind = one.object().id().kind();
        boolean mayBeParted = one.isSparse() || kind == ObjectId.Kind.WAL;
        return kind == ObjectId.Kind.MANIFEST
                || (one.offloadedExtents() > 0
                        && !(mayBeParted && one.offloadedExtents() < one.extents()));
    }

    private List<StoredObject> dueBlocks(List<StoredObject> blocks, long nowMs) {
        blocks.sort(StoredObject.OLDEST_FIRST);
        Sum sum = new Sum();
        for (int i = 0; i < blocks.size(); i++) {
            sum.add(blocks.get(i));
            boolean enough = sum.objects >= settings.blocks() && sum.bytes >= settings.blockBytes();
            // What is merged no further should be worth it, if so many can be merged.
            boolean mayWait =
                    sum.bytes >= settings.segmentBytes() / 2 && sum.objects < settings.maxInputs();
            if ((enough && !mayWait)
                    || sum.isWorthIt()
                    || sum.isTooMuch()
                    || sum.objects == MANY_BLOCKS) {
                return atOnce(blocks.subList(0, i + 1));
            }
        }
        boolean waitedLong =
                blocks.size() > 1
                        && blocks.getFirst().wasThere(nowMs - settings.delay().toMillis());
        return waitedLong ? atOnce(blocks) : List.of();
    }

    /**
     * As many of them as one merge can hold. Of those that are read at once, without a connection
     * that waits for its turn, that is as many as there is memory for.
     */
    private List<StoredObject> atOnce(List<StoredObject> oldestFirst) {
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

    /** Those of any size if they come into large ones, else those of about one size. */
    private List<StoredObject> dueSegments(List<StoredObject> small) {
        small.sort(StoredObject.OLDEST_FIRST);
        Sum all = new Sum();
        for (int i = 0; i < Math.min(small.size(), settings.maxInputs()); i++) {
            all.add(small.get(i));
            if (i > 0 && all.isWorthIt()) {
                return small.subList(0, i + 1);
            }
        }
        Map<Integer, List<StoredObject>> tiers =
                small.stream().collect(Collectors.groupingBy(MergePolicy::size));
        for (List<StoredObject> tier : tiers.values()) {
            Sum sum = new Sum();
            for (int i = 0; i < tier.size(); i++) {
                sum.add(tier.get(i));
                if (i > 0 && (sum.objects == settings.fanIn() || sum.isTooMuch())) {
                    return tier.subList(0, i + 1);
                }
            }
        }
        return List.of();
    }

    /**
     * Small segments with the blocks that are due, if that makes large ones of them all, and the
     * blocks do not by themselves: in between the blocks would be written once more. Where there
     * are about as many inputs as there may be, somewhat less is enough.
     *
     * @return empty if not
     */
    private List<StoredObject> together(List<StoredObject> small, List<StoredObject> blocks) {
        int room = Math.max(0, settings.maxInputs() - small.size());
        List<StoredObject> going = blocks.subList(0, Math.min(room, blocks.size()));
        Sum alone = new Sum();
        blocks.forEach(alone::add);
        Sum sum = new Sum();
        small.forEach(sum::add);
        if (alone.isWorthIt() || sum.isWorthIt() || 2 * going.size() < blocks.size()) {
            return List.of();
        }
        going.forEach(sum::add);
        boolean isFull = small.size() + going.size() == settings.maxInputs();
        if (sum.isTooMuch() || !(isFull ? sum.isNearlyWorthIt() : sum.isWorthIt())) {
            return List.of();
        }
        List<StoredObject> all = new ArrayList<>(small);
        all.sort(StoredObject.OLDEST_FIRST);
        all.addAll(going);
        return all;
    }

    private long longStretch() {
        return settings.segmentBytes() / LONG_STRETCHES;
    }

    /** What merging some objects would bring. */
    private final class Sum {

        private int objects;
        private long bytes;
        private long extents;

        /** Bytes of a partition that come to lie side by side, about. */
        private long stretch;

        void add(StoredObject one) {
            objects++;
            bytes += one.liveBytes();
            extents += one.extents();
            stretch += one.liveBytes() / Math.max(1, one.extents());
        }

        /** Whether it would make large segments that need not be merged again. */
        boolean isWorthIt() {
            return makes(1);
        }

        /** Whether it would make somewhat smaller stretches, which hardly shows to readers. */
        boolean isNearlyWorthIt() {
            return makes(NEARLY);
        }

        private boolean makes(double share) {
            return bytes >= settings.segmentBytes()
                    && (stretch >= share * longStretch()
                            || bytes >= share * SEGMENTS * settings.segmentBytes());
        }

        /** Whether they should wait for no more, for what they take in memory. */
        boolean isTooMuch() {
            return extents >= MANY_EXTENTS;
        }
    }

    private static List<StoredObject> oldest(List<StoredObject> objects, int max) {
        objects.sort(StoredObject.OLDEST_FIRST);
        return objects.subList(0, Math.min(max, objects.size()));
    }

    private static int size(StoredObject one) {
        return (Long.SIZE - Long.numberOfLeadingZeros(one.liveBytes())) / TIER_BITS;
    }
}
