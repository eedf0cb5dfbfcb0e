package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.Arrays;

/**
 * A fixed-capacity block of extents of one partition, 28 bytes each, filled front to back. An
 * extent ends at the next base offset.
 *
 * <p>The content is final, except that the last extent may grow while its block is committed.
 * Therefore a checkpoint can be written from columns that are still being filled. Removing or
 * moving extents allocates new columns.
 */
final class ExtentColumns {

    static final long MAX_POSITION = 0xFFFF_FFFFL;

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

    /** Extends an extent by the next batch of the same object. */
    void extend(int extent, BatchItem item) {
        lengths[extent] += item.length();
        maxTimestampsMs[extent] = Math.max(maxTimestampsMs[extent], item.maxTimestampMs());
    }

    void copy(int at, ExtentColumns from, int begin, int end) {
        int count = end - begin;
        System.arraycopy(from.baseOffsets, begin, baseOffsets, at, count);
        System.arraycopy(from.objectNumbers, begin, objectNumbers, at, count);
        System.arraycopy(from.positions, begin, positions, at, count);
        System.arraycopy(from.lengths, begin, lengths, at, count);
        System.arraycopy(from.maxTimestampsMs, begin, maxTimestampsMs, at, count);
    }

    /** Returns the last extent that starts at or below an offset; {@code begin - 1} if none. */
    int lastStartingUpTo(long offset, int begin, int end) {
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

    static ExtentColumns readFrom(SnapshotReader in) {
        int count = in.getCount();
        return count == 0 ? NONE : new ExtentColumns(in, count);
    }
}
