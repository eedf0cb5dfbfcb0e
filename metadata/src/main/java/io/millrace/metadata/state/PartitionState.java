package io.millrace.metadata.state;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.state.ReplacementJudgement.Splice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/**
 * One partition: where its log begins and ends, and what may become of its extents. It keeps count
 * of what of objects is alive.
 */
final class PartitionState implements PartitionLog {

    final long topicId;
    final int number;

    /** Never reused, whatever happens to the topic: producers' state hangs on it. */
    final long serial;

    private final ObjectTable objects;
    private ExtentList extents;
    private long logStartOffset;
    private long nextOffset;
    private long sizeBytes;

    /** Whether the entry that is being applied changed it. */
    boolean changed;

    PartitionState(long topicId, int number, long serial, ObjectTable objects) {
        this(topicId, number, serial, objects, new ExtentList(0));
    }

    private PartitionState(
            long topicId, int number, long serial, ObjectTable objects, ExtentList extents) {
        this.topicId = topicId;
        this.number = number;
        this.serial = serial;
        this.objects = objects;
        this.extents = extents;
    }

    /** Whether an extent can hold this position. */
    static boolean canHold(BatchItem item) {
        return item.position() + item.length() <= ExtentColumns.FARTHEST_POSITION;
    }

    /** Puts a batch behind the others and returns its first offset. */
    long append(int object, BatchItem item) {
        long baseOffset = nextOffset;
        boolean isNew = extents.append(baseOffset, object, item);
        objects.reference(object, topicId, isNew ? 1 : 0, item.length());
        nextOffset = baseOffset + item.offsetCount();
        sizeBytes += item.length();
        return baseOffset;
    }

    /** Whether the log can begin there: it only goes on, and not past the end. */
    boolean canBeginAt(long offset) {
        return offset > logStartOffset && offset <= nextOffset;
    }

    /**
     * Lets the log begin at an offset and goes of the extents that lie below it. One in which the
     * offset lies is kept whole.
     *
     * @return how many extents went
     */
    int beginAt(long offset) {
        logStartOffset = offset;
        int before = extents.first();
        int kept = before;
        while (kept < extents.end() && extents.endOffset(kept, nextOffset) <= offset) {
            release(kept);
            kept++;
        }
        extents.dropBefore(kept);
        return kept - before;
    }

    private void release(int extent) {
        objects.release(extents.objectNumber(extent), extents.length(extent));
        sizeBytes -= extents.length(extent);
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
        ReplacementJudgement judged = new ReplacementJudgement(this, extents, rows, isInput);
        if (!judged.splices().isEmpty()) {
            splice(judged.splices(), object.getAsInt());
        }
        return judged.outcomes();
    }

    private void splice(List<Splice> splices, int object) {
        int capacity = extents.count();
        for (Splice splice : splices) {
            capacity += splice.row().extents().size() - (splice.to() - splice.from());
        }
        ExtentList spliced = new ExtentList(capacity);
        int kept = extents.first();
        for (Splice splice : splices) {
            spliced.addAll(extents, kept, splice.from());
            kept = splice.to();
            for (NewExtent extent : splice.row().extents()) {
                if (extent.endOffset() > logStartOffset) {
                    spliced.add(object, extent);
                    objects.reference(object, topicId, 1, extent.length());
                    sizeBytes += extent.length();
                }
            }
            for (int i = splice.from(); i < splice.to(); i++) {
                objects.inheritTime(object, extents.objectNumber(i));
            }
        }
        spliced.addAll(extents, kept, extents.end());
        for (Splice splice : splices) {
            for (int i = splice.from(); i < splice.to(); i++) {
                release(i);
            }
        }
        extents = spliced;
    }

    /** The extents that lie in some objects, in their order. */
    List<Extent> extentsIn(IntPredicate wanted) {
        List<Extent> found = new ArrayList<>();
        for (int i = extents.first(); i < extents.end(); i++) {
            if (wanted.test(extents.objectNumber(i))) {
                found.add(extent(i));
            }
        }
        return found;
    }

    /** Lets go of every extent. */
    void clear() {
        for (int i = extents.first(); i < extents.end(); i++) {
            release(i);
        }
        extents.dropBefore(extents.end());
    }

    int extentCount() {
        return extents.count();
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
        List<Extent> found = new ArrayList<>();
        long bytes = 0;
        for (int i = extents.at(offset); i < extents.end(); i++) {
            found.add(extent(i));
            bytes += extents.length(i);
            if (bytes >= maxBytes) {
                break;
            }
        }
        return found;
    }

    @Override
    public Optional<Extent> extentAt(long timestampMs) {
        int found = extents.firstAt(timestampMs);
        return found < extents.end() ? Optional.of(extent(found)) : Optional.empty();
    }

    @Override
    public long startKeptSince(long timeMs) {
        int found = extents.firstAt(timeMs);
        while (found < extents.end()
                && (extents.maxTimestampMs(found) < timeMs
                        || objects.storedMs(extents.objectNumber(found)) < timeMs)) {
            found++;
        }
        return startAt(found);
    }

    @Override
    public long startKeptWithin(long bytes) {
        int found = extents.first();
        long kept = sizeBytes;
        while (found < extents.end() && kept - extents.length(found) >= bytes) {
            kept -= extents.length(found);
            found++;
        }
        return startAt(found);
    }

    private long startAt(int i) {
        return Math.max(logStartOffset, i < extents.end() ? extents.baseOffset(i) : nextOffset);
    }

    private Extent extent(int i) {
        long baseOffset = extents.baseOffset(i);
        return new Extent(
                baseOffset,
                extents.endOffset(i, nextOffset) - baseOffset,
                objects.ref(extents.objectNumber(i)),
                extents.position(i),
                extents.length(i),
                extents.maxTimestampMs(i));
    }

    Frozen freeze() {
        return new Frozen(serial, logStartOffset, nextOffset, sizeBytes, extents.freeze());
    }

    /** The partition as it was after an entry. */
    record Frozen(
            long serial,
            long logStartOffset,
            long nextOffset,
            long sizeBytes,
            ExtentList.Frozen extents) {

        void writeTo(SnapshotWriter out) {
            out.putLong(serial);
            out.putLong(logStartOffset);
            out.putLong(nextOffset);
            out.putLong(sizeBytes);
            extents.writeTo(out);
        }
    }

    static PartitionState readFrom(
            SnapshotReader in, long topicId, int number, ObjectTable objects) {
        long serial = in.getLong();
        long logStartOffset = in.getLong();
        long nextOffset = in.getLong();
        long sizeBytes = in.getLong();
        PartitionState partition =
                new PartitionState(topicId, number, serial, objects, ExtentList.readFrom(in));
        partition.logStartOffset = logStartOffset;
        partition.nextOffset = nextOffset;
        partition.sizeBytes = sizeBytes;
        return partition;
    }
}
