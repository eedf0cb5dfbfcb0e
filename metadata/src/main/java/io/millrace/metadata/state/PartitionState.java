package io.millrace.metadata.state;

import io.millrace.metadata.ColdExtents;
import io.millrace.metadata.Extent;
import io.millrace.metadata.Motion;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ShelvedExtents;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.command.ShelvedRow;
import io.millrace.metadata.state.ReplacementJudgement.Splice;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.ObjectStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntConsumer;
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
    private final OwedTable owed;

    /** What is in front of the extents that are in memory. */
    private Shelf shelf = Shelf.EMPTY;

    private ExtentList extents;
    private long logStartOffset;
    private long nextOffset;
    private long sizeBytes;

    /** Whether the entry that is being applied changed it. */
    boolean changed;

    PartitionState(long topicId, int number, long serial, ObjectTable objects, OwedTable owed) {
        this(topicId, number, serial, objects, owed, new ExtentList(0));
    }

    private PartitionState(
            long topicId,
            int number,
            long serial,
            ObjectTable objects,
            OwedTable owed,
            ExtentList extents) {
        this.topicId = topicId;
        this.number = number;
        this.serial = serial;
        this.objects = objects;
        this.owed = owed;
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
        int rows = oweRowsBefore(shelf.at(offset));
        int before = extents.first();
        int kept = before;
        while (kept < extents.end() && extents.endOffset(kept, nextOffset) <= offset) {
            release(kept);
            kept++;
        }
        extents.dropBefore(kept);
        return rows + kept - before;
    }

    private int oweRowsBefore(int end) {
        int gone = 0;
        for (ShelfRow row : shelf.rows().subList(0, end)) {
            owed.add(topicId, number, row);
            sizeBytes -= row.sizeBytes();
            gone += row.extents();
        }
        shelf = shelf.part(end, shelf.rows().size());
        return gone;
    }

    /**
     * Lets the oldest extents in memory leave it, and what a row begins with lie in another
     * manifest than before.
     *
     * @param rows in the order of their offsets
     * @param manifest gives the number of the manifest in which they lie
     * @return what became of each row
     */
    List<CommittedRow> shelve(List<ShelvedRow> rows, IntSupplier manifest) {
        List<CommittedRow> outcomes = new ArrayList<>(rows.size());
        for (ShelvedRow row : rows) {
            ShelfJudgement judged = new ShelfJudgement(row, shelf, extents, objects);
            if (judged.counts()) {
                shelve(judged, manifest.getAsInt());
                outcomes.add(new CommittedRow.Counts());
            } else {
                outcomes.add(new CommittedRow.Superseded());
            }
        }
        return outcomes;
    }

    private void shelve(ShelfJudgement judged, int manifest) {
        ShelfRow now = judged.left(manifest);
        objects.nameManifest(manifest, now.length());
        for (ShelfRow before : shelf.rows().subList(judged.firstRow(), shelf.rows().size())) {
            objects.letGo(before.manifest(), before.length());
        }
        for (int i = extents.first(); i < judged.to(); i++) {
            objects.shelve(extents.objectNumber(i));
        }
        shelf = shelf.part(0, judged.firstRow()).with(List.of(now));
        extents.dropBefore(judged.to());
    }

    /** Takes the extents of the last row back into memory. */
    CommittedRow recall(long endOffset, ShelvedContent content) {
        ShelfRow last = shelf.last().orElse(null);
        if (last == null || last.endOffset() != endOffset) {
            return new CommittedRow.Superseded();
        }
        if (!last.isOf(content)) {
            return new CommittedRow.Rejected(Reason.CORRUPT_DATA);
        }
        ExtentList all = new ExtentList(last.extents() + extents.count());
        for (int i = 0; i < content.count(); i++) {
            objects.recall(content.objectNumber(i));
            if (last.endOf(content, i) > logStartOffset) {
                all.add(content, i);
            } else {
                objects.release(content.objectNumber(i), content.length(i));
                sizeBytes -= content.length(i);
            }
        }
        all.addAll(extents, extents.first(), extents.end());
        extents = all;
        shelf = shelf.part(0, shelf.rows().size() - 1);
        objects.letGo(last.manifest(), last.length());
        return new CommittedRow.Counts();
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
        ReplacementJudgement judged =
                new ReplacementJudgement(this, extents, shelf.isEmpty(), rows, isInput);
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

    /** Tells the number of the object of each extent in memory, again and again if it has many. */
    void eachObject(IntConsumer listener) {
        for (int i = extents.first(); i < extents.end(); i++) {
            listener.accept(extents.objectNumber(i));
        }
    }

    /** Lets go of every extent. */
    void clear() {
        oweRowsBefore(shelf.rows().size());
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
        if (offset < logStartOffset
                || offset >= nextOffset
                || shelf.at(offset) < shelf.rows().size()) {
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
        Optional<ShelfRow> row = shelf.firstKeptSince(timeMs);
        if (row.isPresent()) {
            return Math.max(logStartOffset, row.get().baseOffset());
        }
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
        long kept = sizeBytes;
        for (ShelfRow row : shelf.rows()) {
            if (kept - row.sizeBytes() < bytes) {
                return Math.max(logStartOffset, row.baseOffset());
            }
            kept -= row.sizeBytes();
        }
        int found = extents.first();
        while (found < extents.end() && kept - extents.length(found) >= bytes) {
            kept -= extents.length(found);
            found++;
        }
        return startAt(found);
    }

    private long startAt(int i) {
        return Math.max(logStartOffset, i < extents.end() ? extents.baseOffset(i) : nextOffset);
    }

    @Override
    public Optional<ShelvedExtents> shelved(long offset) {
        return offset < logStartOffset ? Optional.empty() : shelf.holding(offset).map(this::shown);
    }

    @Override
    public Optional<ShelvedExtents> shelvedAt(long timestampMs) {
        return shelf.firstAt(timestampMs).map(this::shown);
    }

    @Override
    public Optional<ShelvedExtents> lastShelved() {
        return shelf.last().map(this::shown);
    }

    private ShelvedExtents shown(ShelfRow row) {
        return row.shown(topicId, number, objects);
    }

    @Override
    public Optional<List<Extent>> extents(ShelvedExtents row, byte[] content) {
        ShelfRow known = shelf.holding(row.baseOffset()).orElse(null);
        if (known == null || !shown(known).equals(row)) {
            return Optional.empty();
        }
        ShelvedContent lying = new ShelvedContent(content);
        if (!known.isOf(lying)) {
            throw new ObjectStoreException.Corrupt(
                    "manifest %s does not hold at byte %d the extents that the metadata name"
                            .formatted(row.manifest().id(), row.position()),
                    null);
        }
        return Optional.of(known.extents(lying, objects));
    }

    @Override
    public int extentsInMemory() {
        return extents.count();
    }

    @Override
    public int allExtents() {
        return extents.count() + shelf.rows().stream().mapToInt(ShelfRow::extents).sum();
    }

    @Override
    public List<ColdExtents> cold(
            int keep, int least, int most, int passedBy, Function<StoredObject, Motion> motion) {
        return new ColdSearch(extents, objects, motion).rows(keep, least, most, passedBy);
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
        return new Frozen(serial, logStartOffset, nextOffset, sizeBytes, extents.freeze(), shelf);
    }

    /** The partition as it was after an entry. */
    record Frozen(
            long serial,
            long logStartOffset,
            long nextOffset,
            long sizeBytes,
            ExtentList.Frozen extents,
            Shelf shelf) {

        void writeTo(SnapshotWriter out) {
            out.putLong(serial);
            out.putLong(logStartOffset);
            out.putLong(nextOffset);
            out.putLong(sizeBytes);
            extents.writeTo(out);
            shelf.writeTo(out);
        }
    }

    static PartitionState readFrom(
            SnapshotReader in, long topicId, int number, ObjectTable objects, OwedTable owed) {
        long serial = in.getLong();
        long logStartOffset = in.getLong();
        long nextOffset = in.getLong();
        long sizeBytes = in.getLong();
        PartitionState partition =
                new PartitionState(topicId, number, serial, objects, owed, ExtentList.readFrom(in));
        partition.shelf = Shelf.readFrom(in);
        partition.logStartOffset = logStartOffset;
        partition.nextOffset = nextOffset;
        partition.sizeBytes = sizeBytes;
        return partition;
    }
}
