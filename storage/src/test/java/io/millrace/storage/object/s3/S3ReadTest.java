package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.SequentialRead;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests reads from a server that sends one long object of zeros as fast as the client receives. */
class S3ReadTest {

    private static final int OBJECT_BYTES = 256 << 20;
    private static final int PIECE_BYTES = 1 << 20;
    private static final Duration SHORT = Duration.ofSeconds(2);
    private static final int STANDSTILL_STEP_MS = 25;
    private static final Duration LONG = Duration.ofMinutes(5);

    private final AtomicLong sent = new AtomicLong();
    private ServerSocket server;
    private S3ObjectStore store;

    @BeforeEach
    void open() throws IOException {
        server = ScriptedServer.open();
        store = ScriptedServer.store(server, 1, LONG, SHORT);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        server.close();
    }

    /**
     * Serves requests one after another.
     *
     * @param max the number of bytes of a response after which the connection is closed
     */
    private void serve(int max) {
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    while (!server.isClosed()) {
                        try (Socket connection = server.accept()) {
                            answer(connection, max);
                        } catch (IOException givenUp) {
                            sent.set(0);
                        }
                    }
                });
    }

    private void answer(Socket connection, int max) throws IOException {
        BufferedReader request =
                new BufferedReader(
                        new InputStreamReader(
                                connection.getInputStream(), StandardCharsets.US_ASCII));
        assertThat(request.lines().takeWhile(line -> !line.isEmpty())).isNotEmpty();
        OutputStream out = connection.getOutputStream();
        out.write(
                ("HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n"
                                + "Content-Range: bytes 0-%d/%d\r\n\r\n")
                        .formatted(OBJECT_BYTES, OBJECT_BYTES - 1, OBJECT_BYTES)
                        .getBytes(StandardCharsets.US_ASCII));
        byte[] zeros = new byte[64 << 10];
        for (int done = 0; done < max; done += zeros.length) {
            out.write(zeros);
            sent.addAndGet(zeros.length);
        }
        out.flush();
    }

    private SequentialRead read() {
        return store.openRange(new ObjectKey("a"), new ByteRange(0, OBJECT_BYTES));
    }

    private static byte[] taken(CompletableFuture<byte[]> piece) {
        return piece.orTimeout(60, TimeUnit.SECONDS).join();
    }

    /**
     * Waits until the server has sent nothing for longer than {@link #SHORT}, and returns the
     * number of bytes sent.
     */
    private long standstill() throws InterruptedException {
        long before = -1;
        long times = SHORT.plusSeconds(1).toMillis() / STANDSTILL_STEP_MS;
        for (long unchanged = 0; unchanged < times; ) {
            long now = sent.get();
            unchanged = now == before ? unchanged + 1 : 0;
            before = now;
            TimeUnit.MILLISECONDS.sleep(STANDSTILL_STEP_MS);
        }
        return before;
    }

    @Test
    void unreadBytesAreNotTransferred() throws InterruptedException {
        serve(OBJECT_BYTES);
        try (SequentialRead read = read()) {
            assertThat(taken(read.next(PIECE_BYTES))).hasSize(PIECE_BYTES);
            // Longer than the request timeout, which ends when the response starts.
            assertThat(standstill()).isLessThan(OBJECT_BYTES / 2);

            for (int at = PIECE_BYTES; at < OBJECT_BYTES; at += PIECE_BYTES) {
                assertThat(taken(read.next(PIECE_BYTES))).hasSize(PIECE_BYTES);
            }
        }
    }

    @Test
    void aReadThatIsGivenUpFreesItsConnection() {
        serve(OBJECT_BYTES);
        for (int i = 0; i < 3; i++) {
            try (SequentialRead read = read()) {
                assertThat(taken(read.next(PIECE_BYTES))).hasSize(PIECE_BYTES);
            }
        }
    }

    @Test
    void anAnswerThatBreaksOffIsUnavailable() {
        serve(PIECE_BYTES + 100_000);
        try (SequentialRead read = read()) {
            assertThat(taken(read.next(PIECE_BYTES))).hasSize(PIECE_BYTES);
            assertThatThrownBy(() -> read.next(PIECE_BYTES).get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(ObjectStoreException.Unavailable.class);
        }
    }

    @Test
    void aCallThatIsUnderWayFailsAtOnceWhenTheReadIsClosed() {
        SequentialRead read = read();
        CompletableFuture<byte[]> next = read.next(PIECE_BYTES);
        assertThat(next).isNotDone();
        read.close();
        assertThat(next)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(ObjectStoreException.Unavailable.class);
    }
}
