package io.millrace.metadata.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests that a node of a former log deletes nothing. */
final class OwnedBucketTest {

    private static final ObjectKey KEY = new ObjectKey("00/test/wal/1");

    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final BucketIdentity identities = new BucketIdentity(objects, "test");
    private final SplittableRandom random = new SplittableRandom(1);
    private final ClusterId own = ClusterId.random(random);
    private final OwnedBucket bucket = new OwnedBucket(objects, "test", own);

    @Test
    void objectsAreDeletedWhileTheBucketHasTheIdentityOfTheLog() {
        identities.put(own).join();
        bucket.put(KEY, ObjectBody.of(new byte[1])).join();

        bucket.delete(List.of(KEY)).join();

        assertThat(objects.keys()).doesNotContain(KEY);
    }

    @Test
    void nothingIsDeletedOnceTheClusterWasRestored() {
        identities.put(own).join();
        bucket.put(KEY, ObjectBody.of(new byte[1])).join();
        new IdentityReplacement(objects, "test", random).run(List.of(own)).join();

        CompletableFuture<?> deletion = bucket.delete(List.of(KEY));

        assertThat(deletion)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(ObjectStoreException.RequestRejected.class);
        assertThat(objects.keys()).contains(KEY);
    }
}
