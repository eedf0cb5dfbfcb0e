package io.millrace.fetch;

import io.millrace.fetch.cache.ChunkCache;
import io.millrace.fetch.cache.RecentWriteCache;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Reads chunks for other nodes of the zone. Requests and announcements are untrusted: an object is
 * loaded only if the metadata has exactly this reference, or if an announced one is within fixed
 * sizes. Owned by the fetch node's event loop.
 */
final class PeerChunks {

    /** Exceeds the largest block: the target size plus the largest batch. */
    private static final long MAX_ANNOUNCED_BYTES = 64 << 20;

    /** Exceeds the index of a block with the maximum number of batches, each in its own run. */
    private static final long MAX_ANNOUNCED_INDEX_BYTES = 1 << 20;

    private final Metadata metadata;
    private final RecentWriteCache recentWrites;
    private final ChunkCache chunkCache;
    private final FetchMetrics metrics;

    PeerChunks(
            Metadata metadata,
            RecentWriteCache recentWrites,
            ChunkCache chunkCache,
            FetchMetrics metrics) {
        this.metadata = metadata;
        this.recentWrites = recentWrites;
        this.chunkCache = chunkCache;
        this.metrics = metrics;
    }

    CompletableFuture<Chunk> read(ObjectRef object, long position, int length) {
        if (position < 0 || position >= object.indexPosition()) {
            return noChunk(object, position, length);
        }
        int number = chunkCache.chunkAt(position);
        if (chunkCache.start(number) != position || chunkCache.length(object, number) != length) {
            return noChunk(object, position, length);
        }
        metrics.peerAsked();
        SealedObject sealed = recentWrites.find(object.id());
        if (sealed != null && sealed.ref().equals(object)) {
            return CompletableFuture.completedFuture(cut(sealed, position, length));
        }
        if (isReferenced(object) || chunkCache.isCached(object, number)) {
            return chunkCache.findForPeer(object, number);
        }
        // The caller may have applied more entries than this node.
        return metadata.barrier()
                .thenCompose(reached ->
                        isReferenced(object)
                                ? chunkCache.findForPeer(object, number)
                                : unknown(object.id()));
    }

    private boolean isReferenced(ObjectRef object) {
        return metadata.objects().find(object.id()).filter(object::equals).isPresent();
    }

    /** Returns whether an announced object may be loaded before its log entry arrives. */
    boolean isPlausible(ObjectRef announced) {
        return announced.id().kind() == ObjectId.Kind.WAL
                && announced.sizeBytes() <= MAX_ANNOUNCED_BYTES
                && announced.sizeBytes() - announced.indexPosition() <= MAX_ANNOUNCED_INDEX_BYTES
                && metadata.objects().find(announced.id()).map(announced::equals).orElse(true);
    }

    private static CompletableFuture<Chunk> noChunk(ObjectRef object, long position, int length) {
        return rejected(
                "%d bytes at %d are not a chunk of %s at this node; read them from the bucket."
                        .formatted(length, position, object.id()));
    }

    private static CompletableFuture<Chunk> unknown(ObjectId object) {
        return rejected(
                "The metadata of this node do not reference this version of object %s; read it from the bucket."
                        .formatted(object));
    }

    private static CompletableFuture<Chunk> rejected(String message) {
        return CompletableFuture.failedFuture(
                new ProblemException(new Problem(Reason.MALFORMED_REQUEST, message)));
    }

    private static Chunk cut(SealedObject object, long position, int length) {
        byte[] bytes = new byte[length];
        long at = 0;
        for (ByteBuffer piece : object.body().pieces()) {
            int size = piece.remaining();
            int from = Math.clamp(position - at, 0, size);
            int to = Math.clamp(position + length - at, 0, size);
            if (from < to) {
                piece.get(piece.position() + from, bytes, (int) (at + from - position), to - from);
            }
            at += size;
        }
        return Chunk.of(bytes);
    }
}
