package io.millrace.metadata.state;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/**
 * One partition: its next offset, and its extents in columns of 28 bytes for each. An extent ends
 * where the next one begins, so no offset counts are kept.
 */
final class PartitionState implements PartitionLog {

    /** Where the last byte of an extent may end. */
    static final long FARTHEST_POSITION = 0xFFFF_FFFFL;

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

    /** The first extent that is alive: those before it are dropped with the next copy. */
    private int first;

    /** Behind the last one. */
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
        return item.position() + item.length() <= FARTHEST_POSITION;
    }

    /** Puts a batch behind the others and returns its first offset. */
    long append(int object, BatchItem item) {
        long baseOffset = nextOffset;
        int last = size - 1;
        boolean extendsLast =
                last >= first
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
        objects.reference(object, topicId, extendsLast ? 0 : 1, item.length());
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
        if (extent > Math.max(first, block << BLOCK_SHIFT)) {
            before = maxTimestampsThroughMs[block];
        } else {
            before = maxTimestampThroughBlockBefore(block);
        }
        maxTimestampsThroughMs[block] = Math.max(before, maxTimestampsMs[extent]);
    }

    private long maxTimestampThroughBlockBefore(int block) {
        return block <= first >> BLOCK_SHIFT ? Long.MIN_VALUE : maxTimestampsThroughMs[block - 1];
    }

    /** Whether the log can begin there: it only goes on, and not past the end. */
    boolean canBeginAt(long offset) {
        return offset > logStartOffset && offset <= nextOffset;
    }

    /**
     * Lets the log begin at an offset and goes of the extents that lie below it. One in which the
     * offset lies is kept whole. Costs as much as there is to drop, and a copy of the rest once for
     * as many as are dropped.
     *
     * @return how many extents went
     */
    int beginAt(long offset) {
        logStartOffset = offset;
        int before = first;
        while (first < size && endOffset(first) <= offset) {
            objects.release(objectNumbers[first], lengths[first]);
            sizeBytes -= lengths[first];
            first++;
        }
        int dropped = first - before;
        if (first == size) {
            takeColumns(0);
        } else if (first >= size - first) {
            takeColumns(size - first);
        } else if (dropped > 0) {
            forgetTimestampsBeforeFirst();
        }
        return dropped;
    }

    /** What is gone must not count in the blocks behind it; they mostly know larger ones anyway. */
    private void forgetTimestampsBeforeFirst() {
        int blocks = (size + (1 << BLOCK_SHIFT) - 1) >> BLOCK_SHIFT;
        for (int block = first >> BLOCK_SHIFT; block < blocks; block++) {
            long through = maxTimestampThroughBlockBefore(block);
            int end = Math.min(size, (block + 1) << BLOCK_SHIFT);
            for (int i = Math.max(first, block << BLOCK_SHIFT); i < end; i++) {
                through = Math.max(through, maxTimestampsMs[i]);
            }
            if (through == maxTimestampsThroughMs[block]) {
                return;
            }
            maxTimestampsThroughMs[block] = through;
        }
    }

    /**
     * Puts other extents in the place of those that tile the ranges of rows.
     *
     * @param rows in the order of their offsets
     * @param isInput whether an object, by its number, is one of which they were made
     * @param object gives the number of the object in which they lie now
     * @return what became of each row
     */
    List<CommittedRow> replace(List<Replacement> rows, IntPredicate isInput, IntSupplier object) {
        List<CommittedRow> outcomes = new ArrayList<>(rows.size());
        List<Splice> splices = new ArrayList<>();
        int free = first;
        for (Replacement row : rows) {
            int from = replaceableFrom(row, free);
            int to = from < 0 ? -1 : replaceableTo(row, from, isInput);
            if (to >= 0) {
                free = to;
                splices.add(new Splice(from, to, row));
                outcomes.add(new CommittedRow.Counts());
            } else if (row.endOffset() <= logStartOffset || row.endOffset() > nextOffset) {
                outcomes.add(new CommittedRow.Rejected(Reason.OFFSET_OUT_OF_RANGE));
            } else {
                outcomes.add(new CommittedRow.Superseded());
            }
        }
        if (!splices.isEmpty()) {
            splice(splices, object.getAsInt());
        }
        return outcomes;
    }

    /** Extents from one up to another that give way to a row. */
    private record Splice(int from, int to, Replacement row) {}

    /** The first extent of a row's range; -1 if none begins where it does. */
    private int replaceableFrom(Replacement row, int free) {
        if (row.endOffset() <= logStartOffset || row.endOffset() > nextOffset) {
            return -1;
        }
        int from = indexOf(Math.max(row.baseOffset(), logStartOffset));
        boolean beginsThere = from >= free && from < size && baseOffsets[from] == row.baseOffset();
        // What lay below the log start may be gone.
        boolean clipped =
                from == free
                        && from == first
                        && from < size
                        && row.baseOffset() < logStartOffset
                        && baseOffsets[from] > row.baseOffset();
        return beginsThere || clipped ? from : -1;
    }

    /** Behind the last extent of a row's range; -1 if none ends where it does. */
    private int replaceableTo(Replacement row, int from, IntPredicate isInput) {
        int to = from;
        while (to < size && endOffset(to) <= row.endOffset() && isInput.test(objectNumbers[to])) {
            to++;
        }
        return to > from && endOffset(to - 1) == row.endOffset() ? to : -1;
    }

    private void splice(List<Splice> splices, int object) {
        int live = size - first;
        int capacity = live;
        for (Splice splice : splices) {
            capacity += splice.row().extents().size() - (splice.to() - splice.from());
        }
        Columns old = new Columns(baseOffsets, objectNumbers, positions, lengths, maxTimestampsMs);
        Columns spliced = Columns.of(capacity);
        int at = 0;
        int kept = first;
        for (Splice splice : splices) {
            at = spliced.copy(at, old, kept, splice.from());
            kept = splice.to();
            for (NewExtent extent : splice.row().extents()) {
                if (extent.endOffset() > logStartOffset) {
                    spliced.set(at++, object, extent);
                    objects.reference(object, topicId, 1, extent.length());
                    sizeBytes += extent.length();
                }
            }
            for (int i = splice.from(); i < splice.to(); i++) {
                objects.inheritTime(object, objectNumbers[i]);
            }
        }
        at = spliced.copy(at, old, kept, size);
        for (Splice splice : splices) {
            for (int i = splice.from(); i < splice.to(); i++) {
                objects.release(objectNumbers[i], lengths[i]);
                sizeBytes -= lengths[i];
            }
        }
        baseOffsets = spliced.baseOffsets();
        objectNumbers = spliced.objectNumbers();
        positions = spliced.positions();
        lengths = spliced.lengths();
        maxTimestampsMs = spliced.maxTimestampsMs();
        first = 0;
        size = at;
        noteAllTimestamps();
    }

    /** The columns as they are at one time. */
    private record Columns(
            long[] baseOffsets,
            int[] objectNumbers,
            int[] positions,
            int[] lengths,
            long[] maxTimestampsMs) {

        static Columns of(int capacity) {
            return new Columns(
                    new long[capacity],
                    new int[capacity],
                    new int[capacity],
                    new int[capacity],
                    new long[capacity]);
        }

        int copy(int at, Columns from, int begin, int end) {
            int count = end - begin;
            System.arraycopy(from.baseOffsets, begin, baseOffsets, at, count);
            System.arraycopy(from.objectNumbers, begin, objectNumbers, at, count);
            System.arraycopy(from.positions, begin, positions, at, count);
            System.arraycopy(from.lengths, begin, lengths, at, count);
            System.arraycopy(from.maxTimestampsMs, begin, maxTimestampsMs, at, count);
            return at + count;
        }

        void set(int at, int object, NewExtent extent) {
            baseOffsets[at] = extent.baseOffset();
            objectNumbers[at] = object;
            positions[at] = (int) extent.position();
            lengths[at] = extent.length();
            maxTimestampsMs[at] = extent.maxTimestampMs();
        }
    }

    /** The extents that lie in some objects, in their order. */
    List<Extent> extentsIn(IntPredicate wanted) {
        List<Extent> extents = new ArrayList<>();
        for (int i = first; i < size; i++) {
            if (wanted.test(objectNumbers[i])) {
                extents.add(extent(i));
            }
        }
        return extents;
    }

    /** Lets go of every extent. */
    void clear() {
        for (int i = first; i < size; i++) {
            objects.release(objectNumbers[i], lengths[i]);
        }
        first = size;
        sizeBytes = 0;
    }

    int extentCount() {
        return size - first;
    }

    private void grow() {
        int live = size - first;
        takeColumns(Math.max(4, live + (live >> 1)));
    }

    /** Moves what is alive to the beginning of new columns: others may still read the old ones. */
    private void takeColumns(int capacity) {
        int end = first + capacity;
        baseOffsets = Arrays.copyOfRange(baseOffsets, first, end);
        objectNumbers = Arrays.copyOfRange(objectNumbers, first, end);
        positions = Arrays.copyOfRange(positions, first, end);
        lengths = Arrays.copyOfRange(lengths, first, end);
        maxTimestampsMs = Arrays.copyOfRange(maxTimestampsMs, first, end);
        if (first > 0) {
            size -= first;
            first = 0;
            noteAllTimestamps();
        }
    }

    private void noteAllTimestamps() {
        maxTimestampsThroughMs = new long[(size >> BLOCK_SHIFT) + 1];
        for (int i = 0; i < size; i++) {
            noteTimestamp(i);
        }
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
        List<Extent> extents = new ArrayList<>();
        long bytes = 0;
        for (int i = indexOf(offset); i < size; i++) {
            extents.add(extent(i));
            bytes += lengths[i];
            if (bytes >= maxBytes) {
                break;
            }
        }
        return extents;
    }

    /** The last extent that begins at or below an offset; the first one, if none does. */
    private int indexOf(long offset) {
        int found = Arrays.binarySearch(baseOffsets, first, size, offset);
        return Math.max(first, found >= 0 ? found : -found - 2);
    }

    @Override
    public Optional<Extent> extentAt(long timestampMs) {
        return extentAt(firstAt(timestampMs));
    }

    private Optional<Extent> extentAt(int i) {
        return i < size ? Optional.of(extent(i)) : Optional.empty();
    }

    @Override
    public long startKeptSince(long timeMs) {
        int found = firstAt(timeMs);
        while (found < size
                && (maxTimestampsMs[found] < timeMs
                        || objects.storedMs(objectNumbers[found]) < timeMs)) {
            found++;
        }
        return startAt(found);
    }

    @Override
    public long startKeptWithin(long bytes) {
        int found = first;
        long kept = sizeBytes;
        while (found < size && kept - lengths[found] >= bytes) {
            kept -= lengths[found];
            found++;
        }
        return startAt(found);
    }

    private long startAt(int i) {
        return Math.max(logStartOffset, i < size ? baseOffsets[i] : nextOffset);
    }

    /** The first extent with a timestamp of that or later; {@link #size} if there is none. */
    private int firstAt(long timestampMs) {
        int low = first >> BLOCK_SHIFT;
        int high = (size + (1 << BLOCK_SHIFT) - 1) >> BLOCK_SHIFT;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (maxTimestampsThroughMs[middle] >= timestampMs) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        for (int i = Math.max(first, low << BLOCK_SHIFT); i < size; i++) {
            if (maxTimestampsMs[i] >= timestampMs) {
                return i;
            }
        }
        return size;
    }

    private long endOffset(int i) {
        return i + 1 < size ? baseOffsets[i + 1] : nextOffset;
    }

    private Extent extent(int i) {
        return new Extent(
                baseOffsets[i],
                endOffset(i) - baseOffsets[i],
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
        private final int first;
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
            first = now.first;
            size = now.size - now.first;
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
            out.putLongs(baseOffsets, first, size);
            out.putInts(objectNumbers, first, size);
            out.putInts(positions, first, size);
            out.putInts(lengths, first, size);
            out.putLongs(maxTimestampsMs, first, size);
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
        partition.noteAllTimestamps();
        return partition;
    }
}
