package io.millrace.compaction.merge;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.Piece;
import io.millrace.compaction.rewrite.MergePlan;
import io.millrace.compaction.rewrite.PlannedSegment;
import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Model of a merge: divides the contents of the inputs into segments with {@link MergePlan}. Uses
 * milliseconds as offsets.
 */
final class ModelMerge {

    private static final ObjectRef ANY =
            new ObjectRef(new ObjectId(ObjectId.Kind.SEGMENT, 0, 0), 0, 1);

    private final long segmentBytes;
    private final long nowMs;

    ModelMerge(long segmentBytes, long nowMs) {
        this.segmentBytes = segmentBytes;
        this.nowMs = nowMs;
    }

    /** Returns the content of each segment. */
    List<List<Piece>> of(List<ModelObject> inputs) {
        Map<RetentionClass, List<Piece>> classes = new LinkedHashMap<>();
        for (ModelObject input : inputs) {
            for (Piece piece : input.pieces) {
                Piece left = piece.since(piece.topic().cutMs(nowMs));
                if (!left.isEmpty()) {
                    classes.computeIfAbsent(left.topic().retention(), none -> new ArrayList<>())
                            .add(left);
                }
            }
        }
        List<List<Piece>> segments = new ArrayList<>();
        for (List<Piece> pieces : classes.values()) {
            List<Piece> sorted = side(pieces);
            long bytes = sorted.stream().mapToLong(Piece::bytes).sum();
            // A small result is one segment, without detailed planning of the many merges of
            // blocks.
            segments.addAll(bytes <= segmentBytes / 2 ? List.of(sorted) : planned(sorted));
        }
        return segments;
    }

    /** Sorts pieces by topic, partitions and time, and joins adjacent ones. */
    private static List<Piece> side(List<Piece> pieces) {
        Map<WeekTopic, List<Piece>> topics = new LinkedHashMap<>();
        pieces.stream()
                .sorted(Comparator.comparingLong(piece -> piece.topic().id()))
                .forEach(piece ->
                        topics.computeIfAbsent(piece.topic(), none -> new ArrayList<>())
                                .add(piece));
        List<Piece> sorted = new ArrayList<>();
        topics.forEach((topic, all) -> {
            all.sort(Comparator.comparingLong(Piece::fromMs));
            TreeSet<Integer> bounds = new TreeSet<>();
            all.forEach(piece -> {
                bounds.add(piece.fromPartition());
                bounds.add(piece.toPartition());
            });
            Integer from = null;
            for (Integer to : bounds) {
                if (from != null) {
                    addBetween(sorted, topic, from, to, all);
                }
                from = to;
            }
        });
        return sorted;
    }

    private static void addBetween(
            List<Piece> to, WeekTopic topic, int fromPartition, int toPartition, List<Piece> all) {
        long from = -1;
        long until = -1;
        for (Piece piece : all) {
            if (piece.fromPartition() <= fromPartition && piece.toPartition() >= toPartition) {
                if (piece.fromMs() != until) {
                    if (until >= 0) {
                        to.add(new Piece(topic, fromPartition, toPartition, from, until));
                    }
                    from = piece.fromMs();
                }
                until = piece.toMs();
            }
        }
        if (until >= 0) {
            to.add(new Piece(topic, fromPartition, toPartition, from, until));
        }
    }

    private List<List<Piece>> planned(List<Piece> sorted) {
        List<MergeRange> ranges = new ArrayList<>();
        Map<Long, WeekTopic> topics = new LinkedHashMap<>();
        for (Piece piece : sorted) {
            topics.put(piece.topic().id(), piece.topic());
            for (int i = piece.fromPartition(); i < piece.toPartition(); i++) {
                ranges.add(new MergeRange(piece.topic().id(), i, extents(piece)));
            }
        }
        ranges.sort(
                Comparator.comparingLong(MergeRange::topicId)
                        .thenComparing(MergeRange::partition)
                        .thenComparing(range -> range.extents().getFirst().baseOffset()));
        List<List<Piece>> segments = new ArrayList<>();
        for (PlannedSegment segment : new MergePlan(segmentBytes).segments(ranges)) {
            List<Piece> content = new ArrayList<>();
            for (MergeRange range : segment.ranges()) {
                add(
                        content,
                        new Piece(
                                Objects.requireNonNull(topics.get(range.topicId())),
                                range.partition(),
                                range.partition() + 1,
                                range.extents().getFirst().baseOffset(),
                                range.extents().getLast().endOffset()));
            }
            segments.add(content);
        }
        return segments;
    }

    /** Joins partitions with the same time span into one piece. */
    private static void add(List<Piece> content, Piece next) {
        if (!content.isEmpty()) {
            Piece last = content.getLast();
            if (last.topic().equals(next.topic())
                    && last.toPartition() == next.fromPartition()
                    && last.fromMs() == next.fromMs()
                    && last.toMs() == next.toMs()) {
                content.removeLast();
                next =
                        new Piece(
                                last.topic(),
                                last.fromPartition(),
                                next.toPartition(),
                                last.fromMs(),
                                last.toMs());
            }
        }
        content.add(next);
    }

    private static List<Extent> extents(Piece piece) {
        double bytesPerMs = piece.topic().bytesPerMs();
        long each = Math.max(1, (long) (MergeSettings.EXTENT_BYTES / bytesPerMs));
        List<Extent> extents = new ArrayList<>();
        for (long from = piece.fromMs(); from < piece.toMs(); from += each) {
            long ms = Math.min(each, piece.toMs() - from);
            extents.add(new Extent(from, ms, ANY, 0, (int) (ms * bytesPerMs), from + ms));
        }
        return extents;
    }
}
