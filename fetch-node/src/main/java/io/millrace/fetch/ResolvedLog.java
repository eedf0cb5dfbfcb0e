package io.millrace.fetch;

import io.millrace.metadata.ColdRange;
import io.millrace.metadata.Extent;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A view of a log in which the extents of one offloaded range are loaded and other offloaded ranges
 * are hidden. Valid as long as its delegate.
 *
 * @param found the extents of the offloaded range to read; may be empty
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
    public long sizeBytes() {
        return delegate.sizeBytes();
    }

    @Override
    public List<Extent> extents(long offset, long maxBytes) {
        return delegate.offloaded(offset).isEmpty()
                ? delegate.extents(offset, maxBytes)
                : OffloadedRangeCache.from(found, offset, maxBytes);
    }

    @Override
    public long startKeptSince(long timeMs) {
        return delegate.startKeptSince(timeMs);
    }

    @Override
    public long startKeptWithin(long bytes) {
        return delegate.startKeptWithin(bytes);
    }

    @Override
    public Optional<Extent> extentAt(long timestampMs) {
        return delegate.extentAt(timestampMs);
    }

    @Override
    public Optional<OffloadedRange> offloaded(long offset) {
        return Optional.empty();
    }

    @Override
    public Optional<OffloadedRange> offloadedAt(long timestampMs) {
        return Optional.empty();
    }

    @Override
    public Optional<OffloadedRange> lastOffloaded() {
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
    public int allExtents() {
        return delegate.allExtents();
    }

    @Override
    public List<ColdRange> cold(
            int keep, int min, int max, int passedBy, Function<StoredObject, MergeState> motion) {
        return delegate.cold(keep, min, max, passedBy, motion);
    }
}
