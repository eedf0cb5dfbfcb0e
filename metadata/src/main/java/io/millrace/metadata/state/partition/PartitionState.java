package io.millrace.metadata.state.partition;

import io.millrace.metadata.Extent;
import io.millrace.metadata.GenerationEnd;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.state.partition.ReplacementValidator.Splice;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.ObjectStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/**
 * The log start, end, extents and offloaded ranges of one partition. Updates the reference counts
 * of tables.objects().
 */
public final class PartitionState implements PartitionLog {

    public final long topicId;
    public final int number;

    /** A number that is never reused, referenced by the state of producers. */
    public final long serial;

    private final PartitionTables tables;

    private OffloadedRanges offloadedRanges = OffloadedRanges.EMPTY;

    private ExtentList extents;
    private GenerationStarts generations = GenerationStarts.NONE;
    private long logStartOffset;
    private long nextOffset;
    private long sizeBytes;

    /** The last snapshot that has a copy of this partition; see {@link PartitionCopier}. */
    int copiedFor;

    /** Set if the entry that is being applied changed this partition. */
    public boolean changed;

    PartitionState(long topicId, int number, long serial, PartitionTables tables) {
        this(topicId, number, serial, tables, ExtentList.EMPTY);
    }

    private PartitionState(
            long topicId, int number, long serial, PartitionTables tables, ExtentList extents) {
        this.topicId = topicId;
        this.number = number;
        this.serial = serial;
        this.tables = tables;
        this.extents = extents;
        this.copiedFor = tables.copier().snapshot();
    }

    public static boolean canRepresent(BatchItem item) {
        return item.position() <= ExtentColumns.MAX_POSITION - item.length();
    }

    /** Appends a batch and returns its first offset. */
    public long append(int object, BatchItem item) {
        beforeChange();
        long baseOffset = nextOffset;
        int generation = tables.generation().getAsInt();
        if (generation > generations.newest()) {
            generations = generations.with(generation, baseOffset, logStartOffset);
        }
        if (extents == ExtentList.EMPTY) {
            extents = new ExtentList(0);
        }
        boolean isNew = extents.append(baseOffset, object, item);
        tables.objects().reference(object, topicId, isNew ? 1 : 0, item.length());
        nextOffset = baseOffset + item.offsetCount();
        sizeBytes += item.length();
        return baseOffset;
    }

    public boolean canAdvanceLogStartTo(long offset) {
        return offset > logStartOffset && offset <= nextOffset;
    }

    /**
     * Advances the log start and drops the extents below. The extent with the offset is kept whole.
     *
     * @return the number of dropped extents
     */
    public int advanceLogStartTo(long offset) {
        beforeChange();
        logStartOffset = offset;
        int rows = releaseRangesBefore(offloadedRanges.indexOf(offset));
        int before = extents.first();
        int kept = before;
        while (kept < extents.end() && extents.endOffset(kept, nextOffset) <= offset) {
            release(kept);
            kept++;
        }
        extents.dropBefore(kept);
        return rows + kept - before;
    }

    private int releaseRangesBefore(int end) {
        int gone = 0;
        for (OffloadedRangeEntry row : offloadedRanges.ranges().subList(0, end)) {
            tables.unreachable().add(topicId, number, row);
            sizeBytes -= row.sizeBytes();
            gone += row.extents();
        }
        offloadedRanges = offloadedRanges.subRanges(end, offloadedRanges.ranges().size());
        return gone;
    }

    /**
     * Offloads the oldest in-memory extents. A row may cover offloaded ranges, which then move to
     * the new manifest.
     *
     * @param manifest supplies the object number of the extent manifest
     */
    List<RowOutcome> offload(List<RangeToOffload> rows, IntSupplier manifest) {
        List<RowOutcome> outcomes = new ArrayList<>(rows.size());
        for (RangeToOffload row : rows) {
            OffloadValidator validated =
                    new OffloadValidator(row, offloadedRanges, extents, tables.objects());
            if (validated.isValid()) {
                offload(validated, manifest.getAsInt());
                outcomes.add(new RowOutcome.Accepted());
            } else {
                outcomes.add(new RowOutcome.Superseded());
            }
        }
        return outcomes;
    }

    private void offload(OffloadValidator validated, int manifest) {
        beforeChange();
        OffloadedRangeEntry now = validated.newRange(manifest);
        tables.objects().referenceManifest(manifest, now.length());
        for (OffloadedRangeEntry before :
                offloadedRanges
                        .ranges()
                        .subList(validated.firstReplacedRange(), offloadedRanges.ranges().size())) {
            tables.objects().releaseManifest(before.manifest(), before.length());
        }
        for (int i = extents.first(); i < validated.firstKeptExtent(); i++) {
            tables.objects().offload(extents.objectNumber(i));
        }
        offloadedRanges =
                offloadedRanges.subRanges(0, validated.firstReplacedRange()).append(List.of(now));
        extents.dropBefore(validated.firstKeptExtent());
    }

    RowOutcome reload(long endOffset, OffloadedContent content) {
        OffloadedRangeEntry last = offloadedRanges.last().orElse(null);
        if (last == null || last.endOffset() != endOffset) {
            return new RowOutcome.Superseded();
        }
        if (!last.matches(content)) {
            return new RowOutcome.Rejected(Reason.CORRUPT_DATA);
        }
        beforeChange();
        ExtentList all = new ExtentList(last.extents() + extents.count());
        for (int i = 0; i < content.count(); i++) {
            tables.objects().reload(content.objectNumber(i));
            if (last.endOffsetOf(content, i) > logStartOffset) {
                all.add(content, i);
            } else {
                tables.objects().release(content.objectNumber(i), content.length(i));
                sizeBytes -= content.length(i);
            }
        }
        all.addAll(extents, extents.first(), extents.end());
        extents = all;
        offloadedRanges = offloadedRanges.subRanges(0, offloadedRanges.ranges().size() - 1);
        tables.objects().releaseManifest(last.manifest(), last.length());
        return new RowOutcome.Accepted();
    }

    private void beforeChange() {
        tables.copier().beforeChange(this);
    }

    private void release(int extent) {
        tables.objects().release(extents.objectNumber(extent), extents.length(extent));
        sizeBytes -= extents.length(extent);
    }

    /**
     * Replaces the extents that tile the ranges of rows.
     *
     * @param isInput whether an object number is an input of the merge
     * @param object supplies the number of the new object
     */
    List<RowOutcome> replace(List<Replacement> rows, IntPredicate isInput, IntSupplier object) {
        ReplacementValidator validated =
                new ReplacementValidator(this, extents, offloadedRanges.isEmpty(), rows, isInput);
        if (!validated.splices().isEmpty()) {
            splice(validated.splices(), object.getAsInt());
        }
        return validated.outcomes();
    }

    private void splice(List<Splice> splices, int object) {
        beforeChange();
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
                    tables.objects().reference(object, topicId, 1, extent.length());
                    sizeBytes += extent.length();
                }
            }
            for (int i = splice.from(); i < splice.to(); i++) {
                tables.objects().inheritStoredMs(object, extents.objectNumber(i));
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

    /** Returns the in-memory extents in some objects, in offset order. */
    public List<Extent> extentsIn(IntPredicate wanted) {
        List<Extent> found = new ArrayList<>();
        for (int i = extents.first(); i < extents.end(); i++) {
            if (wanted.test(extents.objectNumber(i))) {
                found.add(extent(i));
            }
        }
        return found;
    }

    /** Reports the object number of each in-memory extent; repeats are possible. */
    void forEachObjectNumber(IntConsumer listener) {
        for (int i = extents.first(); i < extents.end(); i++) {
            listener.accept(extents.objectNumber(i));
        }
    }

    public void clear() {
        beforeChange();
        releaseRangesBefore(offloadedRanges.ranges().size());
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
    public int generationAt(long offset) {
        return generations.generationAt(offset);
    }

    @Override
    public GenerationEnd endOfGeneration(int generation) {
        return generations.end(generation, nextOffset);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public List<Extent> extents(long offset, long maxBytes) {
        if (offset < logStartOffset
                || offset >= nextOffset
                || offloadedRanges.indexOf(offset) < offloadedRanges.ranges().size()) {
            return List.of();
        }
        List<Extent> found = new ArrayList<>();
        long bytes = 0;
        for (int i = extents.indexOf(offset); i < extents.end(); i++) {
            found.add(extent(i));
            bytes += extents.length(i);
            if (bytes >= maxBytes) {
                break;
            }
        }
        return found;
    }

    @Override
    public Optional<Extent> extentAtTime(long timestampMs) {
        int found = extents.firstAtTime(timestampMs);
        return found < extents.end() ? Optional.of(extent(found)) : Optional.empty();
    }

    @Override
    public OptionalLong maxTimestampMs() {
        long max = extents.maxTimestampMs();
        for (OffloadedRangeEntry row : offloadedRanges.ranges()) {
            max = Math.max(max, row.maxTimestampMs());
        }
        return max == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(max);
    }

    @Override
    public long startRetainedSince(long timeMs) {
        Optional<OffloadedRangeEntry> row = offloadedRanges.firstKeptSince(timeMs);
        if (row.isPresent()) {
            return Math.max(logStartOffset, row.get().baseOffset());
        }
        int found = extents.firstAtTime(timeMs);
        while (found < extents.end()
                && (extents.maxTimestampMs(found) < timeMs
                        || tables.objects().storedMs(extents.objectNumber(found)) < timeMs)) {
            found++;
        }
        return startAt(found);
    }

    @Override
    public long startRetainedWithin(long bytes) {
        long kept = sizeBytes;
        for (OffloadedRangeEntry row : offloadedRanges.ranges()) {
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
    public Optional<OffloadedRange> offloadedRangeAt(long offset) {
        return offset < logStartOffset
                ? Optional.empty()
                : offloadedRanges.containing(offset).map(this::toOffloadedRange);
    }

    @Override
    public Optional<OffloadedRange> offloadedRangeAtTime(long timestampMs) {
        return offloadedRanges.firstAtTime(timestampMs).map(this::toOffloadedRange);
    }

    @Override
    public Optional<OffloadedRange> lastOffloadedRange() {
        return offloadedRanges.last().map(this::toOffloadedRange);
    }

    private OffloadedRange toOffloadedRange(OffloadedRangeEntry row) {
        return row.toOffloadedRange(topicId, number, tables.objects());
    }

    @Override
    public Optional<List<Extent>> extents(OffloadedRange row, byte[] content) {
        OffloadedRangeEntry known = offloadedRanges.containing(row.baseOffset()).orElse(null);
        if (known == null || !toOffloadedRange(known).equals(row)) {
            return Optional.empty();
        }
        OffloadedContent lying = new OffloadedContent(content);
        if (!known.matches(lying)) {
            throw new ObjectStoreException.Corrupt(
                    "extent manifest %s does not have the extents of the offloaded range at byte %d"
                            .formatted(row.manifest().id(), row.position()),
                    null);
        }
        return Optional.of(known.extents(lying, tables.objects()));
    }

    @Override
    public int extentsInMemory() {
        return extents.count();
    }

    @Override
    public int totalExtents() {
        return extents.count()
                + offloadedRanges.ranges().stream().mapToInt(OffloadedRangeEntry::extents).sum();
    }

    @Override
    public List<OffloadCandidate> offloadCandidates(
            int keep, int min, int max, int passedBy, Function<StoredObject, MergeState> motion) {
        return new OffloadPlanner(extents, tables.objects(), motion).plan(keep, min, max, passedBy);
    }

    private Extent extent(int i) {
        long baseOffset = extents.baseOffset(i);
        return new Extent(
                baseOffset,
                extents.endOffset(i, nextOffset) - baseOffset,
                tables.objects().ref(extents.objectNumber(i)),
                extents.position(i),
                extents.length(i),
                extents.maxTimestampMs(i));
    }

    Frozen freeze() {
        return new Frozen(
                serial,
                logStartOffset,
                nextOffset,
                sizeBytes,
                extents.freeze(),
                offloadedRanges,
                generations);
    }

    record Frozen(
            long serial,
            long logStartOffset,
            long nextOffset,
            long sizeBytes,
            ExtentList.Frozen extents,
            OffloadedRanges offloadedRanges,
            GenerationStarts generations) {

        void writeTo(SnapshotWriter out) {
            out.putLong(serial);
            out.putLong(logStartOffset);
            out.putLong(nextOffset);
            out.putLong(sizeBytes);
            extents.writeTo(out);
            offloadedRanges.writeTo(out);
            generations.writeTo(out);
        }
    }

    static PartitionState readFrom(
            SnapshotReader in, long topicId, int number, PartitionTables tables) {
        long serial = in.getLong();
        long logStartOffset = in.getLong();
        long nextOffset = in.getLong();
        long sizeBytes = in.getLong();
        PartitionState partition =
                new PartitionState(topicId, number, serial, tables, ExtentList.readFrom(in));
        partition.offloadedRanges = OffloadedRanges.readFrom(in);
        partition.generations = GenerationStarts.readFrom(in);
        partition.logStartOffset = logStartOffset;
        partition.nextOffset = nextOffset;
        partition.sizeBytes = sizeBytes;
        return partition;
    }
}
