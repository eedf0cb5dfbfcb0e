package io.millrace.compaction;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.StoredObject;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * A probe that distinguishes an unreadable object from an unavailable bucket by reading a sample of
 * other objects. Any thread.
 */
public record BucketProbe(Metadata metadata, ObjectStore bucket, String cluster) {

    /** The sample has objects of all ages, because lifecycle rules often depend on age. */
    private static final int SAMPLE_SIZE = 4;

    /**
     * Returns whether a byte of any sampled object can be read. Completes on the event loop; never
     * fails.
     */
    public CompletableFuture<Boolean> isAvailable(ObjectKey failed) {
        return CompletableFuture.supplyAsync(() -> sample(failed), metadata.loop())
                .thenCompose(others -> {
                    List<CompletableFuture<Boolean>> answers =
                            others.stream().map(this::isReadable).toList();
                    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                            .thenApplyAsync(
                                    all -> answers.stream().anyMatch(CompletableFuture::join),
                                    metadata.loop());
                });
    }

    private List<ObjectRef> sample(ObjectKey failed) {
        Optional<ObjectId> but = ObjectId.parse(failed, cluster);
        List<ObjectRef> others =
                metadata.objects().referencedObjects().stream()
                        .filter(stored -> !but.equals(Optional.of(stored.object().id())))
                        .sorted(StoredObject.OLDEST_FIRST)
                        .map(StoredObject::object)
                        .toList();
        int last = others.size() - 1;
        return IntStream.range(0, SAMPLE_SIZE)
                .map(i -> (int) ((long) last * i / (SAMPLE_SIZE - 1)))
                .distinct()
                .filter(place -> place >= 0 && place <= last)
                .mapToObj(others::get)
                .toList();
    }

    private CompletableFuture<Boolean> isReadable(ObjectRef other) {
        return bucket.getRange(other.id().key(cluster), new ByteRange(other.sizeBytes() - 1, 1))
                .handle((bytes, failure) -> failure == null);
    }
}
