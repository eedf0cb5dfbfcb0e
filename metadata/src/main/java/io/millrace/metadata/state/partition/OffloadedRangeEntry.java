package io.millrace.metadata.state.partition;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The in-memory entry of an offloaded range.
 *
 * @param manifest the object number of the extent manifest
 * @param position in bytes from the manifest's start
 * @param keptMs the latest time up to which retention keeps an extent: its largest timestamp or
 *     storage time, whichever is earlier
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

    boolean matches(OffloadedContent content) {
        return content.isEncodingOf(extents) && content.digest() == digest;
    }

    long endOffsetOf(OffloadedContent content, int i) {
        return i + 1 < content.count() ? content.baseOffset(i + 1) : endOffset;
    }

    List<Extent> extents(OffloadedContent content, ObjectTable objects) {
        List<Extent> found = new ArrayList<>(content.count());
        for (int i = 0; i < content.count(); i++) {
            found.add(
                    new Extent(
                            content.baseOffset(i),
                            endOffsetOf(content, i) - content.baseOffset(i),
                            objects.ref(content.objectNumber(i)),
                            content.position(i),
                            content.length(i),
                            content.maxTimestampMs(i)));
        }
        return found;
    }

    public OffloadedRange toOffloadedRange(long topicId, int partition, ObjectTable objects) {
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
