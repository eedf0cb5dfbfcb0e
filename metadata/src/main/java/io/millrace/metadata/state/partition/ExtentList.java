package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;

/**
 * The extents of one partition in offset order. Indexes are valid until extents are dropped, in
 * amortised constant time per extent. One owner.
 */
final class ExtentList {

    /** Maximum size to which an extent is extended. */
    private static final int MAX_EXTENT_BYTES = 1 << 30;

    /** The list of all partitions without extents, which saves 48 bytes each. Never changes. */
    static final ExtentList EMPTY = new ExtentList(0);

    private final TimestampIndex timestamps = new TimestampIndex();
    private ExtentColumns columns;

    /** The first live extent; the next copy drops earlier extents. */
    private int first;

    private int end;

    ExtentList(int capacity) {
        columns = capacity == 0 ? ExtentColumns.NONE : new ExtentColumns(capacity);
    }

    int first() {
        return first;
    }

    int end() {
        return end;
    }

    int count() {
        return end - first;
    }

    long baseOffset(int extent) {
        return columns.baseOffset(extent);
    }

    /** Returns the end offset of an extent; {@code logEnd} for the last. */
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
     * @return false if the batch extends the last extent
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

    void add(OffloadedContent content, int which) {
        makeRoom();
        columns.set(end++, content, which);
        timestamps.update(columns, first, end - 1);
    }

    /** Appends extents of another list. The capacity must suffice. */
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
        if (this == EMPTY) {
            return;
        }
        boolean any = extent > first;
        first = extent;
        if (first >= end - first) {
            reallocate(end - first);
        } else if (any) {
            timestamps.removeBefore(columns, first, end);
        }
    }

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

    int firstAtTime(long timestampMs) {
        return timestamps.firstAtTime(columns, first, end, timestampMs);
    }

    /** Returns the largest timestamp; the minimum without extents. */
    long maxTimestampMs() {
        return timestamps.maxMs(first, end);
    }

    /** Returns the live extents, in columns shared with this list. */
    Frozen freeze() {
        return new Frozen(columns, first, end - first);
    }

    record Frozen(ExtentColumns columns, int first, int count) {

        void writeTo(SnapshotWriter out) {
            columns.writeTo(out, first, count);
        }
    }

    static ExtentList readFrom(SnapshotReader in) {
        ExtentColumns columns = ExtentColumns.readFrom(in);
        if (columns.capacity() == 0) {
            return EMPTY;
        }
        ExtentList list = new ExtentList(0);
        list.columns = columns;
        list.end = list.columns.capacity();
        list.timestamps.rebuild(list.columns, list.end);
        return list;
    }
}
