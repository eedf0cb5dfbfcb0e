package io.millrace.compaction.merge;

import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.Piece;
import io.millrace.compaction.input.WriteMemory;
import io.millrace.metadata.StoredObject;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;

/** Model of a bucket in virtual time, with uploads, merges, retention and deletion. */
final class ModelBucket {

    private static final long GRACE_MS = 900_000;
    private static final long CHECKPOINT_MS = 600_000;

    /** Retention of a checkpoint after a newer one. */
    private static final long CHECKPOINTS_KEPT_MS = 3_600_000;

    private static final long EXTENTS_IN_MEMORY = 250_000;
    private static final long EXTENTS_IN_ROW = 1_000;

    private record Ending(long atMs, ModelObject object) {}

    private final MergeSettings settings;
    private final MergePolicy choice;
    private final Map<Long, WeekTopic> topics;
    private final long hotBytes;
    private final int partBytes;

    /** Objects that a merge may select. */
    private final Map<ObjectId, ModelObject> open = new LinkedHashMap<>();

    private final PriorityQueue<Ending> endings =
            new PriorityQueue<>(Comparator.comparingLong(Ending::atMs));
    private final ArrayDeque<Ending> deletions = new ArrayDeque<>();

    /** Large segments with extents in memory, oldest first. */
    private final ArrayDeque<ModelObject> inMemory = new ArrayDeque<>();

    private final Map<ObjectId, ModelObject> objects = new HashMap<>();
    private long extentsInMemory;
    private long sequence;

    long storedBytes;
    long producedBytes;

    /** Bytes written as blocks, including index and checksums. */
    long blockBytes;

    /**
     * Bytes written by merges: of blocks (once), of segments (again), and of sparse segments
     * (rewritten).
     */
    double onceBytes;

    double againBytes;
    double rewrittenBytes;

    long puts;
    long gets;
    long merges;

    /**
     * @param hotBytes size of the blocks that their writer keeps in memory
     */
    ModelBucket(MergeSettings settings, Map<Long, WeekTopic> topics, long hotBytes) {
        this.settings = settings;
        this.choice = new MergePolicy(settings);
        this.topics = Map.copyOf(topics);
        this.hotBytes = hotBytes;
        this.partBytes =
                WriteMemory.of(settings.writeBytes(), MultipartUpload.MIN_PART_BYTES).partBytes();
    }

    /** Uploads a block of all data produced in a time span. */
    void produce(long fromMs, long toMs) {
        List<Piece> pieces =
                topics.values().stream()
                        .sorted(Comparator.comparingLong(WeekTopic::id))
                        .map(object -> new Piece(object, 0, object.partitions(), fromMs, toMs))
                        .toList();
        ModelObject block = add(ObjectId.Kind.WAL, pieces, toMs);
        producedBytes += block.runBytes;
        blockBytes += block.sizeBytes;
        puts++;
    }

    private ModelObject add(ObjectId.Kind kind, List<Piece> pieces, long storedMs) {
        ModelObject object = new ModelObject(new ObjectId(kind, 1, sequence++), pieces, storedMs);
        objects.put(object.id, object);
        storedBytes += object.sizeBytes;
        if (kind == ObjectId.Kind.WAL || object.sizeBytes < settings.segmentBytes() / 2) {
            open.put(object.id, object);
        } else {
            inMemory.add(object);
            extentsInMemory += object.extents;
        }
        return object;
    }

    /** Applies retention and offloads cold extents. */
    void retain(long nowMs) {
        while (!endings.isEmpty() && endings.peek().atMs() <= nowMs) {
            ModelObject object = endings.remove().object();
            if (!objects.containsKey(object.id)) {
                continue;
            }
            object.recheck(nowMs);
            if (object.liveBytes == 0) {
                dereference(object, nowMs);
            } else {
                if (!object.offloaded) {
                    open.put(object.id, object);
                }
                endings.add(new Ending(object.nextEndMs(nowMs), object));
            }
        }
        while (extentsInMemory > EXTENTS_IN_MEMORY) {
            ModelObject cold = inMemory.remove();
            extentsInMemory -= cold.extents;
            if (objects.containsKey(cold.id)) {
                cold.offloaded = true;
                open.remove(cold.id);
                // One manifest per thousand extents is written, and read again for the reload.
                puts += Math.ceilDiv(cold.extents, EXTENTS_IN_ROW);
                gets += Math.ceilDiv(cold.extents, EXTENTS_IN_ROW);
            }
        }
    }

    private void dereference(ModelObject object, long nowMs) {
        objects.remove(object.id);
        open.remove(object.id);
        long checkpointMs = (nowMs / CHECKPOINT_MS + 1) * CHECKPOINT_MS;
        long forgottenMs = checkpointMs + CHECKPOINTS_KEPT_MS;
        deletions.add(new Ending(Math.max(nowMs + GRACE_MS, forgottenMs), object));
    }

    /** Deletes objects after their grace period. */
    void sweep(long nowMs) {
        while (!deletions.isEmpty() && deletions.peek().atMs() <= nowMs) {
            storedBytes -= deletions.remove().object().sizeBytes;
        }
    }

    /** Runs all due merges. */
    void merge(long nowMs) {
        while (true) {
            List<StoredObject> stored =
                    open.values().stream().map(object -> object.stored).toList();
            List<StoredObject> due =
                    choice.next(
                            stored,
                            object -> true,
                            topicId -> Objects.requireNonNull(topics.get(topicId)).retention(),
                            nowMs);
            if (due.isEmpty()) {
                break;
            }
            merge(due.stream().map(object -> open.get(object.object().id())).toList(), nowMs);
        }
        // Large segments are not selected again until they are sparse.
        open.values()
                .removeIf(object ->
                        object.sizeBytes >= settings.segmentBytes() / 2
                                && object.id.kind() == ObjectId.Kind.SEGMENT
                                && !object.stored.isSparse());
    }

    private void merge(List<ModelObject> inputs, long nowMs) {
        merges++;
        long storedMs = inputs.stream().mapToLong(object -> object.storedMs).max().orElseThrow();
        List<List<Piece>> segments = new ModelMerge(settings.segmentBytes(), nowMs).of(inputs);
        boolean ofSegments = inputs.getFirst().id.kind() == ObjectId.Kind.SEGMENT;
        for (ModelObject input : inputs) {
            gets += ofSegments || !isHot(input, nowMs) ? 1 : 0;
            for (Piece piece : input.pieces) {
                gets += piece.ranges(piece.topic().cutMs(nowMs));
            }
            dereference(input, nowMs);
        }
        long written = 0;
        for (List<Piece> content : segments) {
            ModelObject segment = add(ObjectId.Kind.SEGMENT, content, storedMs);
            written += segment.sizeBytes;
            long parts = Math.ceilDiv(segment.sizeBytes, partBytes);
            puts += parts == 1 ? 1 : parts + 2;
            endings.add(new Ending(segment.nextEndMs(nowMs), segment));
        }
        count(inputs, written);
    }

    private void count(List<ModelObject> inputs, double written) {
        double read = inputs.stream().mapToLong(object -> object.liveBytes).sum();
        for (ModelObject input : inputs) {
            double share = read == 0 ? 0 : written * input.liveBytes / read;
            if (input.id.kind() == ObjectId.Kind.WAL) {
                onceBytes += share;
            } else if (input.stored.isSparse()) {
                rewrittenBytes += share;
            } else {
                againBytes += share;
            }
        }
    }

    double writtenBytes() {
        return blockBytes + onceBytes + againBytes + rewrittenBytes;
    }

    private boolean isHot(ModelObject block, long nowMs) {
        double bytesPerMs = 0;
        for (WeekTopic topic : topics.values()) {
            bytesPerMs += topic.partitions() * topic.bytesPerMs();
        }
        return (nowMs - block.storedMs) * bytesPerMs + block.sizeBytes <= hotBytes;
    }

    int objects() {
        return objects.size() + deletions.size();
    }
}
