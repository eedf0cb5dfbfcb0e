package io.millrace.compaction.merge;

import io.millrace.compaction.input.Piece;
import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;

/** Model of an object by its sizes. */
final class ModelObject {

    /**
     * Sizes of an index entry for a run, of a page with a checksum of 4 bytes, and of header and
     * trailer.
     */
    private static final int RUN_BYTES = 40;

    private static final long PAGE_BYTES = 64 << 10;
    private static final int FRAME_BYTES = 96;

    final ObjectId id;
    final List<Piece> pieces;
    final long storedMs;
    final long runBytes;
    final long sizeBytes;
    long liveBytes;
    long extents;
    boolean offloaded;
    StoredObject stored;

    ModelObject(ObjectId id, List<Piece> pieces, long storedMs) {
        this.id = id;
        this.pieces = List.copyOf(pieces);
        this.storedMs = storedMs;
        runBytes = pieces.stream().mapToLong(Piece::bytes).sum();
        long runs = pieces.stream().mapToLong(Piece::runs).sum();
        long index = RUN_BYTES * runs + 4 * Math.ceilDiv(runBytes, PAGE_BYTES);
        sizeBytes = runBytes + index + FRAME_BYTES;
        liveBytes = runBytes;
        extents = pieces.stream().mapToLong(Piece::extents).sum();
        stored = seen();
    }

    /** Recomputes the live part. */
    void recheck(long nowMs) {
        liveBytes = 0;
        extents = 0;
        for (Piece piece : pieces) {
            Piece left = piece.since(piece.topic().cutMs(nowMs));
            if (!left.isEmpty()) {
                liveBytes += left.bytes();
                extents += left.extents();
            }
        }
        stored = seen();
    }

    /** Returns the time of the next deletion in the live part. */
    long nextEndMs(long nowMs) {
        long next = Long.MAX_VALUE;
        for (Piece piece : pieces) {
            WeekTopic topic = piece.topic();
            if (!piece.since(topic.cutMs(nowMs)).isEmpty()) {
                next = Math.min(next, piece.nextEndMs(topic.cutMs(nowMs)) + topic.retentionMs());
                if (topic.trimEveryMs() > 0) {
                    long trim = (nowMs / topic.trimEveryMs() + 1) * topic.trimEveryMs();
                    next = Math.min(next, trim);
                }
            }
        }
        return next;
    }

    private StoredObject seen() {
        return new StoredObject(
                new ObjectRef(id, runBytes, sizeBytes),
                pieces.getFirst().topic().id(),
                liveBytes,
                storedMs,
                (int) extents,
                offloaded ? 1 : 0);
    }
}
