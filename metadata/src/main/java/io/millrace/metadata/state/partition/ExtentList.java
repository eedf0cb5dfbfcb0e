package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;

/**
 * The extents of one partition in offset order, by numbers that hold until some are dropped.
 * Dropping costs as much as is dropped, and a copy of the rest once for as many. One owner.
 */
final class ExtentList {

    /** An extent that would become longer than this is not extended. */
    private static final int LONGEST_BYTES = 1 << 30;

    private final TimestampIndex timestamps = new TimestampIndex();
    private ExtentColumns columns;

    /** The first that is alive: those before it are dropped with the next copy. */
    private int first;

    private int end;

    /**
     * @param capacity it may grow beyond that
     */
    ExtentList(int capacity) {
        columns = capacity == 0 ? ExtentColumns.NONE : new ExtentColumns(capacity);
    }

    /** The number of the first. */
    int first() {
        return first;
    }

    /** The number behind that of the last. */
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
     * Where an extent ends.
     *
     * @param logEnd where the last one ends
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
     * Puts a batch behind the others.
     *
     * @return whether it is an extent of its own, and not a part of the last one
     */
    boolean append(long baseOffset, int object, BatchItem item) {
        boolean isNew = !isContinuedBy(object, item);
        if (isNew) {
            makeRoom();
            columns.set(end++, baseOffset, object, item);
        } else {
            columns.extend(end - 1, item);
        }
        timestamps.note(columns, first, end - 1);
        return isNew;
    }

    private boolean isContinuedBy(int object, BatchItem item) {
        int last = end - 1;
        return last >= first
                && columns.objectNumber(last) == object
                && columns.position(last) + columns.length(last) == item.position()
                && (long) columns.length(last) + item.length() <= LONGEST_BYTES;
    }

    /** Puts an extent behind the others. */
    void add(int object, NewExtent extent) {
        makeRoom();
        columns.set(end++, object, extent);
        timestamps.note(columns, first, end - 1);
    }

    /** Puts an extent that was in a manifest behind the others. */
    void add(OffloadedContent content, int which) {
        makeRoom();
        columns.set(end++, content, which);
        timestamps.note(columns, first, end - 1);
    }

    /** Puts extents of another list from one up to another behind the others. There is room. */
    void addAll(ExtentList from, int begin, int until) {
        columns.copy(end, from.columns, begin, until);
        for (int i = begin; i < until; i++) {
            timestamps.note(columns, first, end++);
        }
    }

    private void makeRoom() {
        if (end == columns.capacity()) {
            take(Math.max(4, count() + (count() >> 1)));
        }
    }

    /** Goes of all that are before an extent. */
    void dropBefore(int extent) {
        boolean any = extent > first;
        first = extent;
        if (first >= end - first) {
            take(end - first);
        } else if (any) {
            timestamps.forgetBefore(columns, first, end);
        }
    }

    /** Moves what is alive to the beginning of new columns. */
    private void take(int capacity) {
        ExtentColumns now = capacity == 0 ? ExtentColumns.NONE : new ExtentColumns(capacity);
        now.copy(0, columns, first, end);
        columns = now;
        if (first > 0) {
            end -= first;
            first = 0;
            timestamps.noteAll(columns, end);
        }
    }

    /** The last extent that begins at or below an offset; the first one, if none does. */
    int at(long offset) {
        return Math.max(first, columns.lastBeginningUpTo(offset, first, end));
    }

    /** The first extent with a timestamp of that or later; {@link #end} if there is none. */
    int firstAt(long timestampMs) {
        return timestamps.firstAt(columns, first, end, timestampMs);
    }

    /** What is alive now, in the columns that hold it. */
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
        list.timestamps.noteAll(list.columns, list.end);
        return list;
    }
}
