package io.millrace.compaction.bucket;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectCheck;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Reads whole stream objects and checks all their checksums, a few MiB at a time. Any thread.
 *
 * @param workers where checksums are computed
 * @param cluster the name that the keys of its objects contain
 */
record ObjectVerifier(ObjectStore bucket, Executor workers, String cluster) {

    private static final int PIECE_BYTES = 4 << 20;

    /**
     * Reads an object.
     *
     * @param ref as extents name it
     * @return fails with an {@link io.millrace.storage.object.ObjectStoreException}, which is
     *     {@code Corrupt} and says what is damaged, or {@code Missing}, or says why it could not be
     *     read
     */
    CompletableFuture<Void> read(ObjectRef ref) {
        ObjectKey key = ref.id().key(cluster);
        return bucket.get(key, range(ref.indexPosition(), ref.sizeBytes()))
                .thenComposeAsync(
                        tail -> pieces(key, ref, new StreamObjectCheck(ref, tail)), workers);
    }

    private CompletableFuture<Void> pieces(ObjectKey key, ObjectRef ref, StreamObjectCheck check) {
        long from = check.position();
        if (from == ref.indexPosition()) {
            return CompletableFuture.completedFuture(null);
        }
        long end = Math.min(ref.indexPosition(), from + PIECE_BYTES);
        return bucket.get(key, range(from, end))
                .thenComposeAsync(
                        piece -> {
                            check.add(piece, 0, piece.length);
                            return pieces(key, ref, check);
                        },
                        workers);
    }

    private static ByteRange range(long start, long end) {
        return new ByteRange(start, Math.toIntExact(end - start));
    }
}
