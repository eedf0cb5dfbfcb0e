package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.GenerationEnd;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * A view of a log with the extents of one offloaded range. Other offloaded ranges are hidden. Valid
 * as long as its delegate.
 */
record ResolvedLog(PartitionLog delegate, List<Extent> found) implements PartitionLog {

    @Override
    public long logStartOffset() {
        return delegate.logStartOffset();
    }

    @Override
    public long highWatermark() {
        return delegate.highWatermark();
    }

    @Override
    public int generationAt(long offset) {
        return delegate.generationAt(offset);
    }

    @Override
    public GenerationEnd endOfGeneration(int generation) {
        return delegate.endOfGeneration(generation);
    }

    @Override
    public long sizeBytes() {
        return delegate.sizeBytes();
    }

    @Override
    public List<Extent> extents(long offset, long maxBytes) {
        return delegate.offloadedRangeAt(offset).isEmpty()
                ? delegate.extents(offset, maxBytes)
                : OffloadedRangeCache.extentsFrom(found, offset, maxBytes);
    }

    @Override
    public long startRetainedSince(long timeMs) {
        return delegate.startRetainedSince(timeMs);
    }

    @Override
    public long startRetainedWithin(long bytes) {
        return delegate.startRetainedWithin(bytes);
    }

    @Override
    public Optional<Extent> extentAtTime(long timestampMs) {
        return delegate.extentAtTime(timestampMs);
    }

    @Override
    public OptionalLong maxTimestampMs() {
        return delegate.maxTimestampMs();
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
        return delegate.extentsInMemory();
    }

    @Override
    public int totalExtents() {
        return delegate.totalExtents();
    }

    @Override
    public List<OffloadCandidate> offloadCandidates(
            int keep, int min, int max, int passedBy, Function<StoredObject, MergeState> motion) {
        return delegate.offloadCandidates(keep, min, max, passedBy, motion);
    }
}
