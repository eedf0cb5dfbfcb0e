package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MeteredObjectStoreTest {

    private static final ObjectKey KEY = new ObjectKey("a/b");

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final FaultyObjectStore faulty = new FaultyObjectStore(new MemoryObjectStore());
    private final ObjectStore store =
            new MeteredObjectStore(faulty, loop, new StorageMetrics(registry));

    private double counted(String name) {
        return registry.get(name).counter().count();
    }

    private double failures(String operation, String failure) {
        return registry.get("millrace.storage.failures")
                .tag("operation", operation)
                .tag("failure", failure)
                .counter()
                .count();
    }

    @Test
    void answersAreTimedAndTheirBytesCounted() {
        faulty.next(Fault.late(loop, Duration.ofMillis(30), Fault.none()));
        CompletableFuture<Void> put = store.put(KEY, ObjectBody.of(new byte[100]));
        loop.advance(Duration.ofMillis(30));
        assertThat(put).isCompleted();
        assertThat(store.getRange(KEY, new ByteRange(10, 5))).isCompleted();
        Timer puts = registry.get("millrace.storage.request").tag("operation", "put").timer();
        assertThat(puts.count()).isEqualTo(1);
        assertThat(puts.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(30);
        assertThat(counted("millrace.storage.written")).isEqualTo(100);
        assertThat(counted("millrace.storage.read")).isEqualTo(5);
    }

    @Test
    void aReadIsOneRequestHoweverItIsTaken() {
        assertThat(store.put(KEY, ObjectBody.of(new byte[100]))).isCompleted();
        SequentialRead read = store.openRange(KEY, new ByteRange(0, 100));
        faulty.next(Fault.late(loop, Duration.ofMillis(30), Fault.none()));
        CompletableFuture<byte[]> first = read.next(40);
        loop.advance(Duration.ofMillis(30));
        assertThat(first).isCompleted();
        assertThat(read.next(50)).isCompleted();
        faulty.next(Fault.failing(new ObjectStoreException.Unavailable("reset", null)));
        assertThat(read.next(10)).isCompletedExceptionally();

        Timer gets = registry.get("millrace.storage.request").tag("operation", "get").timer();
        assertThat(gets.count()).isEqualTo(1);
        assertThat(gets.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(30);
        assertThat(counted("millrace.storage.read")).isEqualTo(90);
        assertThat(counted("millrace.storage.reads.broken")).isEqualTo(1);
        assertThat(failures("get", "unavailable")).as("requests").isZero();
    }

    @Test
    void failuresAreCountedByKind() {
        assertThat(store.getRange(KEY, new ByteRange(0, 1))).isCompletedExceptionally();
        faulty.next(Fault.failing(new ObjectStoreException.Throttled("slow down", null)));
        assertThat(store.delete(List.of(KEY))).isCompletedExceptionally();
        faulty.forObject(
                KEY, Fault.failing(new ObjectStoreException.RequestRejected("locked", null)));
        assertThat(store.delete(List.of(KEY, new ObjectKey("other")))).isCompleted();
        faulty.next(Fault.silent());
        store.put(KEY, ObjectBody.of(new byte[100])).cancel(true);
        assertThat(failures("get", "missing")).isEqualTo(1);
        assertThat(failures("delete", "throttled")).isEqualTo(1);
        assertThat(failures("delete", "rejected")).isEqualTo(1);
        assertThat(failures("put", "cancelled")).isEqualTo(1);
        assertThat(counted("millrace.storage.written")).isZero();
    }

    @Test
    void theRequestsOfAMultipartUploadAreCounted() {
        MultipartUpload upload = store.uploads().create(KEY, MultipartUpload.MIN_PART_BYTES).join();
        StoredPart part =
                store.uploads().uploadPart(upload, 1, ObjectBody.of(new byte[100])).join();
        store.uploads().complete(upload, List.of(part)).join();
        store.uploads().abort(upload.id()).join();
        store.uploads().listUnfinished("", Optional.empty(), 1).join();
        for (String operation :
                List.of(
                        "create_multipart",
                        "upload_part",
                        "complete_multipart",
                        "abort_multipart",
                        "list_multipart")) {
            assertThat(
                            registry.get("millrace.storage.request")
                                    .tag("operation", operation)
                                    .timer()
                                    .count())
                    .as(operation)
                    .isEqualTo(1);
        }
        assertThat(counted("millrace.storage.written")).isEqualTo(100);
        assertThat(store.uploads().uploadPart(upload, 1, ObjectBody.of(new byte[1])))
                .isCompletedExceptionally();
        assertThat(failures("upload_part", "missing")).isEqualTo(1);
    }
}
