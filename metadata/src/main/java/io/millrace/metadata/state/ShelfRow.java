package io.millrace.metadata.state;

import io.millrace.metadata.ShelvedExtents;

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
record ShelfRow(
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
        return extents * ShelvedContent.EXTENT_BYTES;
    }

    /** Whether these bytes are what was shelved. */
    boolean isOf(ShelvedContent content) {
        return content.holds(extents) && content.digest() == digest;
    }

    ShelvedExtents shown(long topicId, int partition, ObjectTable objects) {
        return new ShelvedExtents(
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

    static ShelfRow readFrom(SnapshotReader in) {
        return new ShelfRow(
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
