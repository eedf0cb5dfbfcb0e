package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import java.util.List;
import java.util.Optional;

/**
 * A log of which some extents that are not in memory were looked up. Valid as long as its delegate.
 *
 * @param found of the row in which it is read; may be none
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
        return delegate.shelved(offset).isEmpty()
                ? delegate.extents(offset, maxBytes)
                : Shelves.from(found, offset, maxBytes);
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
}
