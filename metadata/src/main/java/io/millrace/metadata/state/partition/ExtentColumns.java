package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.Arrays;

/**
 * Room for so many extents of one partition, in columns of 28 bytes for each, filled front to back.
 * An extent ends where the next one begins, so no offset counts are kept.
 *
 * <p>What is in them never changes, but for the last extent, which may grow while the block that it
 * is in is committed. So a checkpoint may be written from columns that go on being filled; whatever
 * removes or moves extents leaves them as they are and takes new ones.
 */
final class ExtentColumns {

    /** Where the last byte of an extent may end. */
    static final long FARTHEST_POSITION = 0xFFFF_FFFFL;

    /** Shared by all partitions that have no extents. */
    static final ExtentColumns NONE = new ExtentColumns(0);

    private final long[] baseOffsets;
    private final int[] objectNumbers;
    private final int[] positions;
    private final int[] lengths;
    private final long[] maxTimestampsMs;

    ExtentColumns(int capacity) {
        baseOffsets = new long[capacity];
        objectNumbers = new int[capacity];
        positions = new int[capacity];
        lengths = new int[capacity];
        maxTimestampsMs = new long[capacity];
    }

    private ExtentColumns(SnapshotReader in, int count) {
        baseOffsets = in.getLongs(count, count);
        objectNumbers = in.getInts(count, count);
        positions = in.getInts(count, count);
        lengths = in.getInts(count, count);
        maxTimestampsMs = in.getLongs(count, count);
    }

    int capacity() {
        return baseOffsets.length;
    }

    long baseOffset(int extent) {
        return baseOffsets[extent];
    }

    int objectNumber(int extent) {
        return objectNumbers[extent];
    }

    long position(int extent) {
        return Integer.toUnsignedLong(positions[extent]);
    }

    int length(int extent) {
        return lengths[extent];
    }

    long maxTimestampMs(int extent) {
        return maxTimestampsMs[extent];
    }

    void set(int extent, long baseOffset, int object, BatchItem item) {
        baseOffsets[extent] = baseOffset;
        objectNumbers[extent] = object;
        positions[extent] = (int) item.position();
        lengths[extent] = item.length();
        maxTimestampsMs[extent] = item.maxTimestampMs();
    }

    void set(int extent, int object, NewExtent now) {
        baseOffsets[extent] = now.baseOffset();
        objectNumbers[extent] = object;
        positions[extent] = (int) now.position();
        lengths[extent] = now.length();
        maxTimestampsMs[extent] = now.maxTimestampMs();
    }

    void set(int extent, OffloadedContent content, int which) {
        baseOffsets[extent] = content.baseOffset(which);
        objectNumbers[extent] = content.objectNumber(which);
        positions[extent] = (int) content.position(which);
        lengths[extent] = content.length(which);
        maxTimestampsMs[extent] = content.maxTimestampMs(which);
    }

    /** Lets an extent go on with a batch that lies behind it in the same object. */
    void extend(int extent, BatchItem item) {
        lengths[extent] += item.length();
        maxTimestampsMs[extent] = Math.max(maxTimestampsMs[extent], item.maxTimestampMs());
    }

    /** Copies extents of others from one up to another. */
    void copy(int at, ExtentColumns from, int begin, int end) {
        int count = end - begin;
        System.arraycopy(from.baseOffsets, begin, baseOffsets, at, count);
        System.arraycopy(from.objectNumbers, begin, objectNumbers, at, count);
        System.arraycopy(from.positions, begin, positions, at, count);
        System.arraycopy(from.lengths, begin, lengths, at, count);
        System.arraycopy(from.maxTimestampsMs, begin, maxTimestampsMs, at, count);
    }

    /**
     * The last extent among some that begins at or below an offset; the one before if none does.
     */
    int lastBeginningUpTo(long offset, int begin, int end) {
        int found = Arrays.binarySearch(baseOffsets, begin, end, offset);
        return found >= 0 ? found : -found - 2;
    }

    void writeTo(SnapshotWriter out, int begin, int count) {
        out.putInt(count);
        out.putLongs(baseOffsets, begin, count);
        out.putInts(objectNumbers, begin, count);
        out.putInts(positions, begin, count);
        out.putInts(lengths, begin, count);
        out.putLongs(maxTimestampsMs, begin, count);
    }

    /** Columns without free room. */
    static ExtentColumns readFrom(SnapshotReader in) {
        int count = in.getCount();
        return count == 0 ? NONE : new ExtentColumns(in, count);
    }
}
