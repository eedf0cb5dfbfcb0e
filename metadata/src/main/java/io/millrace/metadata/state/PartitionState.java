package io.millrace.metadata.state;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One partition: its next offset, and its extents in columns of 28 bytes for each. An extent ends
 * where the next one begins, so no offset counts are kept.
 */
final class PartitionState implements PartitionLog {

    /** An extent that would become longer than this is not extended. */
    private static final int LONGEST_EXTENT_BYTES = 1 << 30;

    /**
     * Timestamps need not rise, so a search ends with a scan of so many extents, 2 to this power.
     */
    private static final int BLOCK_SHIFT = 6;

    final long topicId;
    final int number;

    /** Never reused, whatever happens to the topic: producers' state hangs on it. */
    final long serial;

    private final ObjectTable objects;
    private long[] baseOffsets = {};
    private int[] objectNumbers = {};
    private int[] positions = {};
    private int[] lengths = {};
    private long[] maxTimestampsMs = {};

    /** For each block of extents, the largest timestamp in it and in all blocks before it. */
    private long[] maxTimestampsThroughMs = {};

    private int size;
    private long logStartOffset;
    private long nextOffset;
    private long sizeBytes;

    /** Whether the entry that is being applied changed it. */
    boolean changed;

    PartitionState(long topicId, int number, long serial, ObjectTable objects) {
        this.topicId = topicId;
        this.number = number;
        this.serial = serial;
        this.objects = objects;
    }

    /** Whether the columns can hold this position. */
    static boolean canHold(BatchItem item) {
        return item.position() + item.length() <= 0xFFFF_FFFFL;
    }

    /** Puts a batch behind the others and returns its first offset. */
    long append(int object, BatchItem item) {
        long baseOffset = nextOffset;
        int last = size - 1;
        boolean extendsLast =
                last >= 0
                        && objectNumbers[last] == object
                        && Integer.toUnsignedLong(positions[last]) + lengths[last]
                                == item.position()
                        && (long) lengths[last] + item.length() <= LONGEST_EXTENT_BYTES;
        if (extendsLast) {
            lengths[last] += item.length();
            maxTimestampsMs[last] = Math.max(maxTimestampsMs[last], item.maxTimestampMs());
        } else {
            if (size == baseOffsets.length) {
                grow();
            }
            baseOffsets[size] = baseOffset;
            objectNumbers[size] = object;
            positions[size] = (int) item.position();
            lengths[size] = item.length();
            maxTimestampsMs[size] = item.maxTimestampMs();
            size++;
        }
        noteTimestamp(size - 1);
        objects.reference(object, extendsLast ? 0 : 1, item.length());
        nextOffset = baseOffset + item.offsetCount();
        sizeBytes += item.length();
        return baseOffset;
    }

    private void noteTimestamp(int extent) {
        int block = extent >> BLOCK_SHIFT;
        if (block == maxTimestampsThroughMs.length) {
            maxTimestampsThroughMs =
                    Arrays.copyOf(maxTimestampsThroughMs, 1 + block + (block >> 1));
        }
        long before;
        if (extent > block << BLOCK_SHIFT) {
            before = maxTimestampsThroughMs[block];
        } else {
            before = block == 0 ? Long.MIN_VALUE : maxTimestampsThroughMs[block - 1];
        }
        maxTimestampsThroughMs[block] = Math.max(before, maxTimestampsMs[extent]);
    }

    /** Lets go of every extent. */
    void clear() {
        for (int i = 0; i < size; i++) {
            objects.release(objectNumbers[i], lengths[i]);
        }
        size = 0;
        sizeBytes = 0;
    }

    int extentCount() {
        return size;
    }

    private void grow() {
        int capacity = Math.max(4, size + (size >> 1));
        baseOffsets = Arrays.copyOf(baseOffsets, capacity);
        objectNumbers = Arrays.copyOf(objectNumbers, capacity);
        positions = Arrays.copyOf(positions, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        maxTimestampsMs = Arrays.copyOf(maxTimestampsMs, capacity);
    }

    @Override
    public long logStartOffset() {
        return logStartOffset;
    }

    @Override
    public long highWatermark() {
        return nextOffset;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public List<Extent> extents(long offset, long maxBytes) {
        if (offset < logStartOffset || offset >= nextOffset) {
            return List.of();
        }
        int found = Arrays.binarySearch(baseOffsets, 0, size, offset);
        List<Extent> extents = new ArrayList<>();
        long bytes = 0;
        for (int i = found >= 0 ? found : -found - 2; i < size; i++) {
            extents.add(extent(i));
            bytes += lengths[i];
            if (bytes >= maxBytes) {
                break;
            }
        }
        return extents;
    }

    @Override
    public Optional<Extent> extentAt(long timestampMs) {
        int low = 0;
        int high = (size + (1 << BLOCK_SHIFT) - 1) >> BLOCK_SHIFT;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (maxTimestampsThroughMs[middle] >= timestampMs) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        for (int i = low << BLOCK_SHIFT; i < size; i++) {
            if (maxTimestampsMs[i] >= timestampMs) {
                return Optional.of(extent(i));
            }
        }
        return Optional.empty();
    }

    private Extent extent(int i) {
        long end = i + 1 < size ? baseOffsets[i + 1] : nextOffset;
        return new Extent(
                baseOffsets[i],
                end - baseOffsets[i],
                objects.ref(objectNumbers[i]),
                Integer.toUnsignedLong(positions[i]),
                lengths[i],
                maxTimestampsMs[i]);
    }

    Frozen freeze() {
        return new Frozen(this);
    }

    /**
     * The partition as it was after an entry. It shares the columns: an extent may grow while the
     * block that it is in is committed, and never changes afterwards. Whatever removes or moves
     * extents must leave the columns as they are and take new ones.
     */
    static final class Frozen {

        private final long serial;
        private final long logStartOffset;
        private final long nextOffset;
        private final long sizeBytes;
        private final int size;
        private final long[] baseOffsets;
        private final int[] objectNumbers;
        private final int[] positions;
        private final int[] lengths;
        private final long[] maxTimestampsMs;

        private Frozen(PartitionState now) {
            serial = now.serial;
            logStartOffset = now.logStartOffset;
            nextOffset = now.nextOffset;
            sizeBytes = now.sizeBytes;
            size = now.size;
            baseOffsets = now.baseOffsets;
            objectNumbers = now.objectNumbers;
            positions = now.positions;
            lengths = now.lengths;
            maxTimestampsMs = now.maxTimestampsMs;
        }

        void writeTo(SnapshotWriter out) {
            out.putLong(serial);
            out.putLong(logStartOffset);
            out.putLong(nextOffset);
            out.putLong(sizeBytes);
            out.putInt(size);
            out.putLongs(baseOffsets, size);
            out.putInts(objectNumbers, size);
            out.putInts(positions, size);
            out.putInts(lengths, size);
            out.putLongs(maxTimestampsMs, size);
        }
    }

    static PartitionState readFrom(
            SnapshotReader in, long topicId, int number, ObjectTable objects) {
        PartitionState partition = new PartitionState(topicId, number, in.getLong(), objects);
        partition.logStartOffset = in.getLong();
        partition.nextOffset = in.getLong();
        partition.sizeBytes = in.getLong();
        int size = in.getCount();
        partition.size = size;
        partition.baseOffsets = in.getLongs(size, size);
        partition.objectNumbers = in.getInts(size, size);
        partition.positions = in.getInts(size, size);
        partition.lengths = in.getInts(size, size);
        partition.maxTimestampsMs = in.getLongs(size, size);
        for (int i = 0; i < size; i++) {
            partition.noteTimestamp(i);
        }
        return partition;
    }
}
