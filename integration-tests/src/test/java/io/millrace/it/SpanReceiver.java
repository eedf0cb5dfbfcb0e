package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A collector that keeps the spans it receives by OTLP over HTTP. Reads the messages of
 * opentelemetry-proto (trace.proto) by their field numbers.
 */
final class SpanReceiver implements AutoCloseable {

    /** A received span; {@code parentId} is empty for a root. */
    record Received(
            String name,
            String traceId,
            String spanId,
            String parentId,
            long startNanos,
            long endNanos,
            List<String> links,
            boolean failed) {}

    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    SpanReceiver() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext(
                "/v1/traces",
                exchange -> {
                    try (exchange;
                            InputStream body = exchange.getRequestBody()) {
                        receive(UnknownFieldSet.parseFrom(body));
                        exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
                        exchange.sendResponseHeaders(200, -1);
                    }
                });
        server.start();
    }

    String endpoint() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    List<Received> named(String name) {
        return spans.stream().filter(span -> span.name().equals(name)).toList();
    }

    /** Waits for a span that was not received yet when the test caused it. */
    Received await(String name) {
        Eventually.await("a span " + name, () -> !named(name).isEmpty());
        return named(name).getFirst();
    }

    List<Received> childrenOf(Received parent) {
        return spans.stream().filter(span -> span.parentId().equals(parent.spanId())).toList();
    }

    private void receive(UnknownFieldSet request) {
        for (UnknownFieldSet ofResource : messages(request, 1)) {
            for (UnknownFieldSet ofScope : messages(ofResource, 2)) {
                messages(ofScope, 2).forEach(span -> spans.add(span(span)));
            }
        }
    }

    private static Received span(UnknownFieldSet span) {
        return new Received(
                bytes(span, 5).toString(UTF_8),
                hex(span, 1),
                hex(span, 2),
                hex(span, 4),
                span.getField(7).getFixed64List().getFirst(),
                span.getField(8).getFixed64List().getFirst(),
                messages(span, 13).stream().map(link -> hex(link, 2)).toList(),
                messages(span, 15).stream()
                        .anyMatch(status -> status.getField(3).getVarintList().contains(2L)));
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet in, int field) {
        return in.getField(field).getLengthDelimitedList().stream()
                .map(SpanReceiver::message)
                .toList();
    }

    private static UnknownFieldSet message(ByteString bytes) {
        try {
            return UnknownFieldSet.parseFrom(bytes);
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    private static ByteString bytes(UnknownFieldSet in, int field) {
        List<ByteString> values = in.getField(field).getLengthDelimitedList();
        return values.isEmpty() ? ByteString.EMPTY : values.getFirst();
    }

    private static String hex(UnknownFieldSet in, int field) {
        return HexFormat.of().formatHex(bytes(in, field).toByteArray());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
