package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.RetryingObjectStore.RetryLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RetryingObjectStoreTest {

    private static final ObjectKey KEY = new ObjectKey("a/b");
    private static final ObjectBody BODY = ObjectBody.of(new byte[10]);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final FaultyObjectStore faulty = new FaultyObjectStore(bucket);
    private final ObjectStore store =
            new RetryingObjectStore(
                    faulty, loop, new Random(1), RetryLimits.forProducers(Duration.ofSeconds(20)));

    private CompletableFuture<Void> put() {
        CompletableFuture<Void> put = store.put(KEY, BODY);
        loop.runReady();
        return put;
    }

    private static ObjectStoreException unavailable() {
        return new ObjectStoreException.Unavailable("away", null);
    }

    @Test
    void transientFailuresAreRetriedAfterAPause() {
        faulty.next(
                Fault.failing(unavailable()),
                Fault.failing(new ObjectStoreException.Throttled("slow down", null)));
        CompletableFuture<Void> put = put();
        assertThat(faulty.calls()).isEqualTo(1);
        loop.advance(Duration.ofMillis(50));
        assertThat(faulty.calls()).isEqualTo(2);
        assertThat(put).isNotDone();
        loop.advance(Duration.ofMillis(100));
        assertThat(put).isCompleted();
        assertThat(bucket.keys()).containsExactly(KEY);
    }

    @Test
    void anAttemptOfMetadataMayTakeLongerThanRetriesDo() {
        RetryingObjectStore metadata =
                new RetryingObjectStore(
                        faulty,
                        loop,
                        new Random(1),
                        RetryLimits.forMetadata(Duration.ofMinutes(10)));
        faulty.next(Fault.late(loop, Duration.ofMinutes(9)));
        CompletableFuture<Void> slow = metadata.put(KEY, BODY);
        loop.advance(Duration.ofMinutes(9));
        assertThat(slow).isCompleted();

        faulty.byDefault(Fault.failing(unavailable()));
        CompletableFuture<Void> failing = metadata.put(KEY, BODY);
        loop.advance(Duration.ofSeconds(31));
        assertThat(failing).isCompletedExceptionally();
    }

    @Test
    void everyOperationIsTriedAgain() {
        bucket.put(KEY, BODY);
        faulty.next(
                Fault.failing(unavailable()),
                Fault.failing(unavailable()),
                Fault.failing(unavailable()));
        CompletableFuture<byte[]> get = store.getRange(KEY, new ByteRange(2, 3));
        CompletableFuture<Listing> list = store.list("", "", 10);
        CompletableFuture<DeleteResult> delete = store.delete(List.of(new ObjectKey("other")));
        loop.advance(Duration.ofSeconds(1));
        assertThat(get).isCompletedWithValueMatching(bytes -> bytes.length == 3);
        assertThat(list).isCompletedWithValueMatching(page -> page.objects().size() == 1);
        assertThat(delete).isCompleted();
    }

    @Test
    void aDeletionRepeatsOnlyTheKeysThatMayYetBeDeleted() {
        ObjectKey slow = new ObjectKey("slow");
        ObjectKey locked = new ObjectKey("locked");
        Stream.of(KEY, slow, locked).forEach(key -> bucket.put(key, BODY));
        ObjectStoreException rejected = new ObjectStoreException.RequestRejected("locked", null);
        faulty.forObject(slow, Fault.failing(new ObjectStoreException.Throttled("slow", null)));
        faulty.forObject(locked, Fault.failing(rejected));
        CompletableFuture<DeleteResult> delete = store.delete(List.of(KEY, slow, locked));
        loop.runReady();
        assertThat(bucket.keys()).containsExactlyInAnyOrder(slow, locked);
        assertThat(delete).isNotDone();

        faulty.forObject(slow, Fault.none());
        loop.advance(Duration.ofSeconds(1));
        assertThat(delete).isCompletedWithValue(new DeleteResult(Map.of(locked, rejected)));
        assertThat(bucket.keys()).containsExactly(locked);
    }

    @Test
    void afterTheDeadlineADeletionReportsTheKeysThatAreLeft() {
        ObjectKey slow = new ObjectKey("slow");
        ObjectStoreException throttled = new ObjectStoreException.Throttled("slow", null);
        faulty.forObject(slow, Fault.failing(throttled));
        CompletableFuture<DeleteResult> delete = store.delete(List.of(KEY, slow));
        loop.advance(Duration.ofSeconds(21));
        assertThat(delete).isCompletedWithValue(new DeleteResult(Map.of(slow, throttled)));
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void aDeletionOfWhichEveryKeyFailsFails() {
        faulty.forObject(KEY, Fault.failing(unavailable()));
        CompletableFuture<DeleteResult> delete = store.delete(List.of(KEY));
        loop.advance(Duration.ofSeconds(21));
        assertThatThrownBy(delete::join).hasMessageContaining("away");
    }

    @Test
    void aFailedReadResumesAtItsPosition() {
        byte[] whole = new byte[1_000];
        new Random(7).nextBytes(whole);
        assertThat(bucket.put(KEY, ObjectBody.of(whole))).isCompleted();
        SequentialRead read = store.openRange(KEY, new ByteRange(100, 500));
        CompletableFuture<byte[]> first = read.next(200);
        loop.runReady();
        faulty.next(Fault.failing(unavailable()), Fault.failing(unavailable()));
        CompletableFuture<byte[]> second = read.next(250);
        loop.advance(Duration.ofSeconds(1));
        CompletableFuture<byte[]> third = read.next(50);
        loop.runReady();

        assertThat(first.join()).isEqualTo(Arrays.copyOfRange(whole, 100, 300));
        assertThat(second.join()).isEqualTo(Arrays.copyOfRange(whole, 300, 550));
        assertThat(third.join()).isEqualTo(Arrays.copyOfRange(whole, 550, 600));
    }

    @Test
    void aReadThatIsClosedFailsAndTriesNoMore() {
        assertThat(bucket.put(KEY, BODY)).isCompleted();
        faulty.byDefault(Fault.failing(unavailable()));
        SequentialRead read = store.openRange(KEY, new ByteRange(0, 10));
        CompletableFuture<byte[]> next = read.next(10);
        loop.runReady();
        read.close();
        loop.runReady();

        assertThatThrownBy(next::join)
                .hasCauseInstanceOf(ObjectStoreException.Unavailable.class)
                .hasMessageContaining("closed");
        int calls = faulty.calls();
        loop.advance(Duration.ofMinutes(1));
        assertThat(faulty.calls()).isEqualTo(calls);
    }

    @Test
    void aReadThatIsNotAnsweredIsGivenUpAtTheDeadline() {
        faulty.next(Fault.silent());
        CompletableFuture<byte[]> next = store.openRange(KEY, new ByteRange(0, 10)).next(10);
        loop.advance(Duration.ofSeconds(21));

        assertThatThrownBy(next::join).hasCauseInstanceOf(ObjectStoreException.Unavailable.class);
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void permanentFailuresAreNotRetried() {
        faulty.next(Fault.failing(new ObjectStoreException.RequestRejected("no", null)));
        assertThatThrownBy(put()::join)
                .hasCauseInstanceOf(ObjectStoreException.RequestRejected.class);
        assertThat(faulty.calls()).isEqualTo(1);
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void afterTheDeadlineTheLastFailureSurfaces() {
        faulty.byDefault(Fault.failing(unavailable()));
        CompletableFuture<Void> put = put();
        loop.advance(Duration.ofSeconds(17));
        assertThat(put).isNotDone();
        loop.advance(Duration.ofSeconds(3));
        assertThatThrownBy(put::join).hasMessageContaining("away");
        // Pauses double from 50 ms to 2 s.
        assertThat(faulty.calls()).isBetween(12, 30);
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void aFullStoreIsSaidSoon() {
        faulty.byDefault(Fault.failing(new ObjectStoreException.Full("no room", null)));
        CompletableFuture<Void> put = put();
        loop.advance(Duration.ofSeconds(1));
        assertThatThrownBy(put::join).hasCauseInstanceOf(ObjectStoreException.Full.class);
    }

    @Test
    void anAttemptWithoutAnswerIsGivenUpAtTheDeadline() {
        faulty.next(Fault.failing(unavailable()), Fault.silent());
        CompletableFuture<Void> put = put();
        loop.advance(Duration.ofMillis(19_999));
        assertThat(put).isNotDone();
        loop.advance(Duration.ofMillis(1));
        assertThatThrownBy(put::join)
                .hasCauseInstanceOf(ObjectStoreException.Unavailable.class)
                .hasMessageContaining("put a/b")
                .hasMessageContaining("20000 ms");
        assertThat(faulty.cancelled()).isEqualTo(1);
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void aCancelledCallIsNotTriedAgain() {
        faulty.next(Fault.silent());
        CompletableFuture<Void> silent = put();
        silent.cancel(true);
        loop.runReady();
        assertThat(faulty.cancelled()).isEqualTo(1);
        faulty.next(Fault.failing(unavailable()));
        put().cancel(true);
        loop.advance(Duration.ofSeconds(20));
        assertThat(faulty.calls()).isEqualTo(2);
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void aPutIsRetriedAfterALostResponse() {
        faulty.next(Fault.losingTheAnswer(unavailable()));
        CompletableFuture<Void> put = put();
        assertThat(bucket.keys()).containsExactly(KEY);
        loop.advance(Duration.ofMillis(50));
        assertThat(put).isCompleted();
        assertThat(bucket.keys()).containsExactly(KEY);
    }

    private MultipartUpload create() {
        CompletableFuture<MultipartUpload> creation =
                store.uploads().create(KEY, MultipartUpload.MIN_PART_BYTES);
        loop.runReady();
        return creation.join();
    }

    @Test
    void everyStepOfAnUploadInPartsIsTriedAgain() {
        faulty.next(Fault.failing(unavailable()));
        CompletableFuture<MultipartUpload> creation =
                store.uploads().create(KEY, MultipartUpload.MIN_PART_BYTES);
        loop.advance(Duration.ofSeconds(1));
        faulty.next(Fault.failing(unavailable()));
        CompletableFuture<StoredPart> part = store.uploads().uploadPart(creation.join(), 1, BODY);
        loop.advance(Duration.ofSeconds(1));
        faulty.next(Fault.failing(unavailable()));
        CompletableFuture<Void> complete =
                store.uploads().complete(creation.join(), List.of(part.join()));
        loop.advance(Duration.ofSeconds(1));
        assertThat(complete).isCompleted();
        assertThat(bucket.keys()).containsExactly(KEY);
        faulty.next(Fault.failing(unavailable()), Fault.failing(unavailable()));
        CompletableFuture<Void> abort = store.uploads().abort(creation.join().id());
        CompletableFuture<UploadListing> unfinished =
                store.uploads().listUnfinished("", Optional.empty(), 1);
        loop.advance(Duration.ofSeconds(1));
        assertThat(abort).isCompleted();
        assertThat(unfinished).isCompletedWithValueMatching(page -> page.uploads().isEmpty());
    }

    @Test
    void anUploadWithLostResponsesIsCompletedOnce() {
        MultipartUpload upload = create();
        faulty.next(Fault.losingTheAnswer(unavailable()));
        CompletableFuture<StoredPart> part = store.uploads().uploadPart(upload, 1, BODY);
        loop.advance(Duration.ofSeconds(1));
        faulty.next(Fault.losingTheAnswer(unavailable()));
        CompletableFuture<Void> complete = store.uploads().complete(upload, List.of(part.join()));
        loop.runReady();
        assertThat(bucket.keys()).containsExactly(KEY);
        loop.advance(Duration.ofSeconds(1));
        assertThat(complete).isCompleted();
    }

    @Test
    void aMissingUploadIsNotRetried() {
        MultipartUpload upload = create();
        bucket.uploads().abort(upload.id());
        CompletableFuture<StoredPart> part = store.uploads().uploadPart(upload, 1, BODY);
        loop.runReady();
        assertThatThrownBy(part::join).hasCauseInstanceOf(ObjectStoreException.Missing.class);
        assertThat(faulty.calls()).isEqualTo(2);
    }
}
