package io.millrace.storage.object.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A server with responses set by the test, and a store that uses the server as S3. */
final class AnsweringServer implements AutoCloseable {

    private final HttpServer server;
    private final S3ObjectStore store;

    AnsweringServer(HttpHandler answer) throws IOException {
        this(answer, Runnable::run);
    }

    AnsweringServer(HttpHandler answer, Executor workers) throws IOException {
        this(answer, workers, new ObjectEncryption.OfBucket());
    }

    AnsweringServer(HttpHandler answer, Executor workers, ObjectEncryption encryption)
            throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", answer);
        server.start();
        URI endpoint = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        store =
                S3ObjectStore.open(
                        S3Settings.of("bucket", Optional.of(endpoint)).withEncryption(encryption),
                        new Random(1),
                        workers,
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")));
    }

    S3ObjectStore store() {
        return store;
    }

    static void say(HttpExchange exchange, int status, String answer) throws IOException {
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        store.close();
        server.stop(0);
    }
}
