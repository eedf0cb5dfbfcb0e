package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.HedgingObjectStore.HedgePolicy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HedgingObjectStoreTest {

    private static final ObjectKey KEY = new ObjectKey("a/b");
    private static final int SMALL = 1 << 10;
    private static final int LARGE = 1 << 20;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final FaultyObjectStore faulty = new FaultyObjectStore(bucket);
    private final ObjectStore store =
            new HedgingObjectStore(faulty, loop, HedgePolicy.ofS3(), new StorageMetrics(registry));

    private static Fault unavailable() {
        return Fault.failing(new ObjectStoreException.Unavailable("away", null));
    }

    private Fault late(int millis) {
        return Fault.late(loop, Duration.ofMillis(millis), Fault.none());
    }

    private CompletableFuture<Void> put(int size) {
        CompletableFuture<Void> put = store.put(KEY, ObjectBody.of(new byte[size]));
        loop.runReady();
        return put;
    }

    private void advance(int millis) {
        loop.advance(Duration.ofMillis(millis));
    }

    /** Performs the given number of puts with the given latency. */
    private void learn(int puts, int size, int millis) {
        faulty.byDefault(late(millis));
        for (int i = 0; i < puts; i++) {
            put(size);
            advance(millis);
        }
        faulty.byDefault(Fault.none());
    }

    private double hedges(String result) {
        return registry.get("millrace.storage.hedges").tag("result", result).counter().count();
    }

    @Test
    void aQuickAnswerIsNotHedged() {
        learn(200, SMALL, 50);
        assertThat(faulty.calls()).isEqualTo(200);
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void aPutSlowerThanThoseOfItsSizeIsSentAgain() {
        learn(40, SMALL, 50);
        learn(40, LARGE, 400);
        faulty.next(Fault.silent());
        CompletableFuture<Void> small = put(SMALL);
        advance(49);
        assertThat(small).isNotDone();
        advance(1);
        assertThat(small).isCompleted();
        assertThat(hedges("won")).isEqualTo(1);
        assertThat(faulty.cancelled()).isEqualTo(1);
        faulty.next(Fault.silent());
        CompletableFuture<Void> large = put(LARGE);
        advance(399);
        assertThat(large).isNotDone();
        advance(1);
        assertThat(large).isCompleted();
    }

    @Test
    void aColdGetIsHedgedAsWell() {
        bucket.put(KEY, ObjectBody.of(new byte[SMALL]));
        faulty.next(Fault.silent());
        CompletableFuture<byte[]> get = store.getRange(KEY, new ByteRange(0, SMALL));
        advance(1000);
        assertThat(get).isCompletedWithValueMatching(bytes -> bytes.length == SMALL);
    }

    @Test
    void theFirstAnswerWinsAndTheOtherRequestIsGivenUp() {
        faulty.next(late(1100), Fault.silent());
        CompletableFuture<Void> put = put(SMALL);
        advance(1100);
        assertThat(put).isCompleted();
        assertThat(hedges("lost")).isEqualTo(1);
        assertThat(faulty.cancelled()).isEqualTo(1);
    }

    @Test
    void aFailureWaitsForTheRequestThatMayAnswer() {
        faulty.next(Fault.late(loop, Duration.ofMillis(1100), unavailable()), late(300));
        CompletableFuture<Void> put = put(SMALL);
        advance(1200);
        assertThat(put).isNotDone();
        advance(100);
        assertThat(put).isCompleted();
        assertThat(hedges("won")).isEqualTo(1);
    }

    @Test
    void whereBothFailTheCallFails() {
        faulty.next(Fault.late(loop, Duration.ofMillis(1100), unavailable()), unavailable());
        CompletableFuture<Void> put = put(SMALL);
        advance(1000);
        assertThat(put).isNotDone();
        advance(100);
        assertThatThrownBy(put::join).hasCauseInstanceOf(ObjectStoreException.Unavailable.class);
        assertThat(hedges("failed")).isEqualTo(1);
    }

    @Test
    void aFailureWithoutHedgeSurfacesAtOnce() {
        faulty.next(unavailable());
        assertThat(put(SMALL)).isCompletedExceptionally();
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void aStoreThatIsSlowForEveryoneGetsFewHedges() {
        faulty.byDefault(Fault.silent());
        for (int i = 0; i < 100; i++) {
            put(SMALL);
        }
        advance(1000);
        // Ten accumulated hedges; the calls were too fast to accumulate more.
        assertThat(faulty.calls()).isEqualTo(110);
        assertThat(hedges("over_budget")).isEqualTo(90);
    }

    @Test
    void aThrottlingStoreReceivesNoHedges() {
        faulty.next(
                Fault.failing(new ObjectStoreException.Throttled("slow down", null)),
                Fault.silent());
        put(SMALL);
        put(SMALL);
        advance(1000);
        assertThat(faulty.calls()).isEqualTo(2);
    }

    @Test
    void aCancelledCallCancelsItsRequests() {
        faulty.next(Fault.silent(), Fault.silent());
        CompletableFuture<Void> put = put(SMALL);
        advance(1000);
        put.cancel(true);
        loop.runReady();
        assertThat(faulty.cancelled()).isEqualTo(2);
        assertThat(loop.idle()).isTrue();
    }

    @Test
    void partsAreNotHedged() {
        MultipartUpload upload = store.uploads().create(KEY, MultipartUpload.MIN_PART_BYTES).join();
        faulty.next(Fault.silent());
        CompletableFuture<StoredPart> part =
                store.uploads().uploadPart(upload, 1, ObjectBody.of(new byte[SMALL]));
        advance(10_000);
        assertThat(part).isNotDone();
        assertThat(faulty.calls()).isEqualTo(2);
    }
}
