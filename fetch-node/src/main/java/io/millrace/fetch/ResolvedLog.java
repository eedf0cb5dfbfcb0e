package io.millrace.fetch;

import io.millrace.metadata.ColdExtents;
import io.millrace.metadata.Extent;
import io.millrace.metadata.Motion;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ShelvedExtents;
import io.millrace.metadata.StoredObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A log of which some extents that are not in memory were looked up, and which shows no other rows.
 * Valid as long as its delegate.
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

    @Override
    public Optional<ShelvedExtents> shelved(long offset) {
        return Optional.empty();
    }

    @Override
    public Optional<ShelvedExtents> shelvedAt(long timestampMs) {
        return Optional.empty();
    }

    @Override
    public Optional<ShelvedExtents> lastShelved() {
        return Optional.empty();
    }

    @Override
    public Optional<List<Extent>> extents(ShelvedExtents row, byte[] content) {
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
    public List<ColdExtents> cold(
            int keep, int least, int most, int passedBy, Function<StoredObject, Motion> motion) {
        return delegate.cold(keep, least, most, passedBy, motion);
    }
}
