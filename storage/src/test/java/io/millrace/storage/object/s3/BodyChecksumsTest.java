package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The checksum of a large body is computed by a worker, not by the caller. */
class BodyChecksumsTest {

    private final ConcurrentLinkedQueue<Runnable> workers = new ConcurrentLinkedQueue<>();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final AnsweringServer server;

    BodyChecksumsTest() throws IOException {
        server =
                new AnsweringServer(
                        exchange -> {
                            exchange.getRequestBody().readAllBytes();
                            received.add(
                                    exchange.getRequestHeaders().getFirst("x-amz-checksum-crc32c"));
                            AnsweringServer.say(exchange, 200, "");
                            exchange.close();
                        },
                        workers::add);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private CompletableFuture<Void> put(String key, int bytes) {
        return server.store().put(new ObjectKey(key), ObjectBody.of(new byte[bytes]));
    }

    private static void await(CompletableFuture<?> result) throws Exception {
        var unused = result.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aLargeBodyWaitsForAWorker() throws Exception {
        CompletableFuture<Void> large = put("large", BodyChecksums.MAX_BYTES_ON_CALLER + 1);
        assertThat(workers).hasSize(1);

        workers.remove().run();
        await(large);

        assertThat(received)
                .containsExactly(
                        new GatherBody(
                                        ObjectBody.of(
                                                new byte[BodyChecksums.MAX_BYTES_ON_CALLER + 1]))
                                .crc32c());
    }

    @Test
    void aSmallBodyIsSentAtOnce() throws Exception {
        await(put("small", BodyChecksums.MAX_BYTES_ON_CALLER));
        assertThat(received).hasSize(1);
        assertThat(workers).isEmpty();
    }

    @Test
    void aCancelledRequestIsNotSent() throws Exception {
        put("large", 2 * BodyChecksums.MAX_BYTES_ON_CALLER).cancel(true);
        workers.remove().run();
        await(put("small", 1));
        assertThat(received).hasSize(1);
    }
}
