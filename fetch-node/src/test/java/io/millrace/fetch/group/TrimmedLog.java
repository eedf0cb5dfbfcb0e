package io.millrace.fetch.group;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Optional;

/**
 * A partition whose first records retention removed: extents of ten records, each with the time at
 * its place in the list.
 */
record TrimmedLog(long logStartOffset, List<Long> timesMs) implements PartitionLog {

    private static final int RECORDS = 10;
    private static final ObjectRef OBJECT =
            new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 1, 1), 10, 20);

    @Override
    public long highWatermark() {
        return (long) timesMs.size() * RECORDS;
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
    public long startKeptSince(long timeMs) {
        throw new UnsupportedOperationException("nobody asks for retention here");
    }

    @Override
    public long startKeptWithin(long bytes) {
        throw new UnsupportedOperationException("nobody asks for retention here");
    }

    @Override
    public Optional<Extent> extentAt(long timestampMs) {
        throw new UnsupportedOperationException("nobody asks for times here");
    }
}
