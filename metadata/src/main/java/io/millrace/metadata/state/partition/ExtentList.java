package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;

/**
 * The extents of one partition in offset order. An extent's index stays valid until extents are
 * dropped. Dropping costs amortised constant time for each dropped extent. One owner.
 */
final class ExtentList {

    /** Maximum length of an extent that is extended. */
    private static final int MAX_EXTENT_BYTES = 1 << 30;

    private final TimestampIndex timestamps = new TimestampIndex();
    private ExtentColumns columns;

    /** The first live extent; the ones before it are dropped by the next copy. */
    private int first;

    private int end;

    /**
     * @param capacity the initial capacity
     */
    ExtentList(int capacity) {
        columns = capacity == 0 ? ExtentColumns.NONE : new ExtentColumns(capacity);
    }

    /** Returns the index of the first extent. */
    int first() {
        return first;
    }

    /** Returns the index after the last extent. */
    int end() {
        return end;
    }

    int count() {
        return end - first;
    }

    long baseOffset(int extent) {
        return columns.baseOffset(extent);
    }

    /**
     * Returns the offset after an extent.
     *
     * @param logEnd the end offset of the last extent
     */
    long endOffset(int extent, long logEnd) {
        return extent + 1 < end ? columns.baseOffset(extent + 1) : logEnd;
    }

    int objectNumber(int extent) {
        return columns.objectNumber(extent);
    }

    long position(int extent) {
        return columns.position(extent);
    }

    int length(int extent) {
        return columns.length(extent);
    }

    long maxTimestampMs(int extent) {
        return columns.maxTimestampMs(extent);
    }

    /**
     * Appends a batch.
     *
     * @return whether the batch is an extent of its own instead of a part of the last one
     */
    boolean append(long baseOffset, int object, BatchItem item) {
        boolean isNew = !isContinuedBy(object, item);
        if (isNew) {
            makeRoom();
            columns.set(end++, baseOffset, object, item);
        } else {
            columns.extend(end - 1, item);
        }
        timestamps.update(columns, first, end - 1);
        return isNew;
    }

    private boolean isContinuedBy(int object, BatchItem item) {
        int last = end - 1;
        return last >= first
                && columns.objectNumber(last) == object
                && columns.position(last) + columns.length(last) == item.position()
                && (long) columns.length(last) + item.length() <= MAX_EXTENT_BYTES;
    }

    void add(int object, NewExtent extent) {
        makeRoom();
        columns.set(end++, object, extent);
        timestamps.update(columns, first, end - 1);
    }

    /** Appends an extent that was offloaded. */
    void add(OffloadedContent content, int which) {
        makeRoom();
        columns.set(end++, content, which);
        timestamps.update(columns, first, end - 1);
    }

    /**
     * Appends extents {@code begin} to {@code until} of another list. The capacity must suffice.
     */
    void addAll(ExtentList from, int begin, int until) {
        columns.copy(end, from.columns, begin, until);
        for (int i = begin; i < until; i++) {
            timestamps.update(columns, first, end++);
        }
    }

    private void makeRoom() {
        if (end == columns.capacity()) {
            reallocate(Math.max(4, count() + (count() >> 1)));
        }
    }

    void dropBefore(int extent) {
        boolean any = extent > first;
        first = extent;
        if (first >= end - first) {
            reallocate(end - first);
        } else if (any) {
            timestamps.removeBefore(columns, first, end);
        }
    }

    /** Moves the live extents to the start of new columns. */
    private void reallocate(int capacity) {
        ExtentColumns now = capacity == 0 ? ExtentColumns.NONE : new ExtentColumns(capacity);
        now.copy(0, columns, first, end);
        columns = now;
        if (first > 0) {
            end -= first;
            first = 0;
            timestamps.rebuild(columns, end);
        }
    }

    /** Returns the last extent that starts at or below an offset; the first extent if none does. */
    int indexOf(long offset) {
        return Math.max(first, columns.lastStartingUpTo(offset, first, end));
    }

    /** Returns the first extent with a timestamp of this time or later; {@link #end} if none. */
    int firstAtTime(long timestampMs) {
        return timestamps.firstAtTime(columns, first, end, timestampMs);
    }

    /** Returns the live extents, in the columns that they share with this list. */
    Frozen freeze() {
        return new Frozen(columns, first, end - first);
    }

    /** The extents as they were after an entry. */
    record Frozen(ExtentColumns columns, int first, int count) {

        void writeTo(SnapshotWriter out) {
            columns.writeTo(out, first, count);
        }
    }

    static ExtentList readFrom(SnapshotReader in) {
        ExtentList list = new ExtentList(0);
        list.columns = ExtentColumns.readFrom(in);
        list.end = list.columns.capacity();
        list.timestamps.rebuild(list.columns, list.end);
        return list;
    }
}
