package io.millrace.metadata.state.partition;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What stays in memory of extents that lie in a manifest.
 *
 * @param manifest its number
 * @param position where they lie in it, in bytes from its start
 * @param extents how many
 * @param sizeBytes of their batches
 * @param maxTimestampMs largest timestamp of their records
 * @param keptMs the latest time of which retention finds one of them: that of its newest record, or
 *     that of its object if that is earlier
 * @param digest of them
 */
public record OffloadedRangeEntry(
        long baseOffset,
        long endOffset,
        int manifest,
        long position,
        int extents,
        long sizeBytes,
        long maxTimestampMs,
        long keptMs,
        long digest) {

    int length() {
        return extents * OffloadedContent.EXTENT_BYTES;
    }

    /** Whether these bytes are what was shelved. */
    boolean isOf(OffloadedContent content) {
        return content.holds(extents) && content.digest() == digest;
    }

    /** The end offset of one of its extents. */
    long endOf(OffloadedContent content, int i) {
        return i + 1 < content.count() ? content.baseOffset(i + 1) : endOffset;
    }

    /**
     * Its extents.
     *
     * @param content what was shelved
     */
    List<Extent> extents(OffloadedContent content, ObjectTable objects) {
        List<Extent> found = new ArrayList<>(content.count());
        for (int i = 0; i < content.count(); i++) {
            found.add(
                    new Extent(
                            content.baseOffset(i),
                            endOf(content, i) - content.baseOffset(i),
                            objects.ref(content.objectNumber(i)),
                            content.position(i),
                            content.length(i),
                            content.maxTimestampMs(i)));
        }
        return found;
    }

    public OffloadedRange shown(long topicId, int partition, ObjectTable objects) {
        return new OffloadedRange(
                topicId,
                partition,
                baseOffset,
                endOffset,
                objects.ref(manifest),
                position,
                length(),
                extents,
                digest,
                sizeBytes,
                maxTimestampMs);
    }

    void writeTo(SnapshotWriter out) {
        out.putLong(baseOffset);
        out.putLong(endOffset);
        out.putInt(manifest);
        out.putLong(position);
        out.putInt(extents);
        out.putLong(sizeBytes);
        out.putLong(maxTimestampMs);
        out.putLong(keptMs);
        out.putLong(digest);
    }

    static OffloadedRangeEntry readFrom(SnapshotReader in) {
        return new OffloadedRangeEntry(
                in.getLong(),
                in.getLong(),
                in.getInt(),
                in.getLong(),
                in.getInt(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong());
    }
}
