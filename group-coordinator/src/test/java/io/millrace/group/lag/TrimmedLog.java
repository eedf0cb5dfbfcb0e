package io.millrace.group.lag;

import io.millrace.metadata.Extent;
import io.millrace.metadata.GenerationEnd;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * A partition whose first records were removed by retention: extents of ten records, each with the
 * timestamp at its index in the list.
 */
public record TrimmedLog(long logStartOffset, List<Long> timesMs) implements PartitionLog {

    private static final int RECORDS = 10;
    private static final ObjectRef OBJECT =
            new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 1, 1), 10, 20);

    @Override
    public long highWatermark() {
        return (long) timesMs.size() * RECORDS;
    }

    @Override
    public int generationAt(long offset) {
        return 1;
    }

    @Override
    public GenerationEnd endOfGeneration(int generation) {
        return new GenerationEnd(generation, highWatermark());
    }

    @Override
    public long sizeBytes() {
        return highWatermark() - logStartOffset;
    }

    @Override
    public List<Extent> extents(long offset, long maxBytes) {
        if (offset < logStartOffset || offset >= highWatermark()) {
            return List.of();
        }
        int at = (int) (offset / RECORDS);
        return List.of(new Extent((long) at * RECORDS, RECORDS, OBJECT, at, 1, timesMs.get(at)));
    }

    @Override
    public long startRetainedSince(long timeMs) {
        throw new UnsupportedOperationException("nobody asks for retention here");
    }

    @Override
    public long startRetainedWithin(long bytes) {
        throw new UnsupportedOperationException("nobody asks for retention here");
    }

    @Override
    public Optional<Extent> extentAtTime(long timestampMs) {
        throw new UnsupportedOperationException("no test looks up times here");
    }

    @Override
    public OptionalLong maxTimestampMs() {
        return timesMs.stream().mapToLong(Long::longValue).max();
    }

    @Override
    public Optional<OffloadedRange> offloadedRangeAt(long offset) {
        return Optional.empty();
    }

    @Override
    public Optional<OffloadedRange> offloadedRangeAtTime(long timestampMs) {
        return Optional.empty();
    }

    @Override
    public Optional<OffloadedRange> lastOffloadedRange() {
        return Optional.empty();
    }

    @Override
    public Optional<List<Extent>> extents(OffloadedRange row, byte[] content) {
        return Optional.empty();
    }

    @Override
    public int extentsInMemory() {
        return timesMs.size() - (int) (logStartOffset / RECORDS);
    }

    @Override
    public int totalExtents() {
        return extentsInMemory();
    }

    @Override
    public List<OffloadCandidate> offloadCandidates(
            int keep, int min, int max, int passedBy, Function<StoredObject, MergeState> motion) {
        return List.of();
    }
}
