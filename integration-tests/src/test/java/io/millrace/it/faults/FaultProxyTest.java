package io.millrace.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultProxyTest {

    private static final Duration SHORT = Duration.ofMillis(300);

    private final Map<String, byte[]> stored = new ConcurrentHashMap<>();
    private final AtomicInteger puts = new AtomicInteger();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpServer server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        start(Speed.UNCHANGED);
    }

    private void start(Speed speed) throws IOException {
        if (proxy != null) {
            proxy.close();
        }
        URI target = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        proxy = FaultProxy.start(target, new FaultPlan(1, speed));
    }

    @AfterEach
    void stop() throws IOException {
        client.shutdownNow();
        proxy.close();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("PUT")) {
                stored.put(path, body);
                puts.incrementAndGet();
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            byte[] found = stored.getOrDefault(path, new byte[0]);
            // A length of 0 means a chunked body.
            exchange.sendResponseHeaders(200, path.contains("chunked") ? 0 : found.length);
            exchange.getResponseBody().write(found);
        }
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(proxy.endpoint().resolve(path))
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> put(String path, byte[] body) throws Exception {
        return client.send(
                to(path).PUT(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());
    }

    private byte[] get(String path) throws Exception {
        return client.send(to(path).build(), BodyHandlers.ofByteArray()).body();
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 3_000_000})
    void withoutFaultsRequestsAndResponsesPassUnchanged(int size) throws Exception {
        for (String path : new String[] {"/sized", "/chunked"}) {
            assertThat(put(path, bytes(size)).statusCode()).isEqualTo(200);
            assertThat(get(path)).isEqualTo(bytes(size));
        }
    }

    @Test
    void chunkedUploadsAndUploadsWithExpectContinueArrive() throws Exception {
        byte[] body = bytes(200_000);
        HttpRequest chunked =
                to("/a").PUT(
                                BodyPublishers.ofInputStream(
                                        () -> new java.io.ByteArrayInputStream(body)))
                        .build();
        assertThat(client.send(chunked, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
        HttpRequest asked =
                to("/b").PUT(BodyPublishers.ofByteArray(body)).expectContinue(true).build();
        assertThat(client.send(asked, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
        assertThat(get("/a")).isEqualTo(body);
        assertThat(get("/b")).isEqualTo(body);
    }

    @Test
    void errorsLookLikeThoseOfS3AndStoreNothing() throws Exception {
        Map<Fault, Integer> rejections =
                Map.of(
                        Fault.slowDown(),
                        503,
                        Fault.internalError(),
                        500,
                        Fault.expiredToken(),
                        403);
        for (Map.Entry<Fault, Integer> each : rejections.entrySet()) {
            proxy.plan().inject(each.getKey(), 1);
            HttpResponse<String> answer = put("/a", bytes(200_000));
            assertThat(answer.statusCode()).isEqualTo(each.getValue());
            assertThat(answer.body())
                    .contains("<Code>" + ((Fault.Refusal) each.getKey()).code() + "</Code>");
            proxy.plan().heal();
        }
        assertThat(puts).hasValue(0);
        assertThat(put("/a", bytes(10)).statusCode()).isEqualTo(200);
    }

    @Test
    void aResetReachesTheClient() throws Exception {
        proxy.plan().inject(new Fault.Reset(), 1);
        assertThatThrownBy(() -> put("/a", bytes(3_000_000))).isInstanceOf(IOException.class);
        assertThat(puts).hasValue(0);
        proxy.plan().heal();
        assertThat(put("/a", bytes(10)).statusCode()).isEqualTo(200);
    }

    @Test
    void aStallIsServedLate() throws Exception {
        proxy.plan().inject(new Fault.Stall(SHORT), 1);
        long began = System.nanoTime();
        assertThat(put("/a", bytes(10)).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(SHORT);
    }

    @Test
    void aHalfOpenConnectionNeverAnswersAndNewOnesDoAfterHealing() throws Exception {
        proxy.plan().inject(new Fault.HalfOpen(), 1);
        HttpRequest waiting =
                to("/a").PUT(BodyPublishers.ofByteArray(bytes(10))).timeout(SHORT).build();
        assertThatThrownBy(() -> client.send(waiting, BodyHandlers.discarding()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(puts).hasValue(0);
        proxy.plan().heal();
        assertThat(put("/a", bytes(10)).statusCode()).isEqualTo(200);
    }

    @Test
    void aRequestWithLostReplyTakesEffect() {
        proxy.plan().inject(new Fault.LostReply(), 1);
        // Long enough for the request to arrive.
        Duration patience = Duration.ofSeconds(3);
        HttpRequest waiting =
                to("/a").PUT(BodyPublishers.ofByteArray(bytes(10))).timeout(patience).build();
        assertThatThrownBy(() -> client.send(waiting, BodyHandlers.discarding()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(puts).hasValue(1);
    }

    @Test
    void latencyAndThroughputFollowThePlan() throws Exception {
        Latency exact = new Latency(SHORT, SHORT);
        start(new Speed(Optional.of(exact), Optional.of(exact), 1_000_000));
        long began = System.nanoTime();
        put("/a", bytes(500_000));
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(took).isBetween(Duration.ofMillis(750), Duration.ofSeconds(15));
        began = System.nanoTime();
        get("/a");
        took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(took).isBetween(Duration.ofMillis(750), Duration.ofSeconds(15));
    }
}
