package io.millrace.compaction.bucket;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectCheck;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Reads whole stream objects in pieces of 4 MiB and verifies all checksums. Any thread. */
record ObjectVerifier(ObjectStore bucket, Executor workers, String cluster) {

    private static final int PIECE_BYTES = 4 << 20;

    /**
     * Verifies an object; fails with {@code Corrupt}, {@code Missing} or the failure of the read.
     */
    CompletableFuture<Void> read(ObjectRef ref) {
        ObjectKey key = ref.id().key(cluster);
        return bucket.getRange(key, range(ref.indexPosition(), ref.sizeBytes()))
                .thenComposeAsync(
                        tail -> pieces(key, ref, new StreamObjectCheck(ref, tail)), workers);
    }

    private CompletableFuture<Void> pieces(ObjectKey key, ObjectRef ref, StreamObjectCheck check) {
        long from = check.position();
        if (from == ref.indexPosition()) {
            return CompletableFuture.completedFuture(null);
        }
        long end = Math.min(ref.indexPosition(), from + PIECE_BYTES);
        return bucket.getRange(key, range(from, end))
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
