package io.millrace.metadata.log.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.RetryingObjectStore;
import io.millrace.storage.object.RetryingObjectStore.RetryLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Archives and checkpoints larger than what the bucket takes within the deadline of a call. */
final class LogArchiveStoreTest {

    /** The time for a part of 16 MiB at 20 MB/s, and for the smaller calls. */
    private static final Duration CALL = Duration.ofMillis(850);

    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final int PARTS = 3;
    private static final int SIZE = PARTS * PartedUpload.PART_BYTES - 5;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    private final LogArchiveStore store =
            new LogArchiveStore(
                    new RetryingObjectStore(
                            bucket,
                            loop,
                            new SplittableRandom(1),
                            RetryLimits.forMetadata(DEADLINE)),
                    "c",
                    new SplittableRandom(2));

    private CompletableFuture<StoredArchive> put(byte[] content) {
        return store.putArchive(1, 1, 1, content);
    }

    private static byte[] content() {
        byte[] content = new byte[SIZE];
        new SplittableRandom(3).nextBytes(content);
        return content;
    }

    @Test
    void anObjectThatTakesLongerThanACallMayIsStored() {
        bucket.byDefault(Fault.late(loop, CALL));
        CompletableFuture<StoredArchive> stored = put(content());
        loop.advance(CALL.multipliedBy(PARTS + 2));

        ObjectKey key = new ObjectKey(stored.join().getKey());
        assertThat(objects.getRange(key, new ByteRange(0, SIZE)).join()).isEqualTo(content());
    }

    @Test
    void onlyAFailedPartIsSentAgain() {
        bucket.next(
                Fault.none(),
                Fault.none(),
                Fault.failing(new ObjectStoreException.Unavailable("connection reset", null)));
        CompletableFuture<StoredArchive> stored = put(content());
        loop.advance(Duration.ofSeconds(1));

        assertThat(stored).isCompleted();
        assertThat(bucket.calls()).as("begin, parts, end").isEqualTo(1 + PARTS + 1 + 1);
    }

    @Test
    void anUploadThatFailsIsAborted() {
        bucket.next(
                Fault.none(),
                Fault.failing(new ObjectStoreException.RequestRejected("no space", null)));
        CompletableFuture<StoredArchive> stored = put(content());
        loop.advance(Duration.ofSeconds(1));

        assertThat(stored).isCompletedExceptionally();
        assertThat(objects.keys()).isEmpty();
        assertThat(objects.uploads().listUnfinished("", Optional.empty(), 1).join().uploads())
                .isEmpty();
    }

    @Test
    void whileAFormerLogStaysSoDoTheCopiesOfAllOtherGenerations() {
        ManifestKey oldest = putManifest(1, 1);
        ManifestKey former = putManifest(2, 2);
        ManifestKey abandoned = putManifest(3, 3);
        ManifestKey own = putManifest(3, 4);

        completed(store.deleteManifestsBefore(own, Optional.of(oldest.key("c"))));
        assertThat(manifests()).doesNotContain(abandoned).containsExactly(oldest, former, own);

        completed(store.deleteManifestsBefore(own, Optional.empty()));
        assertThat(manifests()).containsExactly(own);
    }

    private ManifestKey putManifest(long generation, long epoch) {
        ManifestKey key = new ManifestKey(generation, epoch, epoch, epoch);
        completed(store.putManifest(key, LogManifest.EMPTY));
        return key;
    }

    private <T> T completed(CompletableFuture<T> call) {
        loop.advance(Duration.ofSeconds(1));
        assertThat(call).isCompleted();
        return call.join();
    }

    private List<ManifestKey> manifests() {
        return completed(store.manifests()).stream()
                .flatMap(found -> ManifestKey.parse(found.name(), "c").stream())
                .toList();
    }
}
