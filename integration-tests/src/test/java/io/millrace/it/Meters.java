package io.millrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** Reads the metrics of servers. */
final class Meters {

    private Meters() {}

    /** Returns the sum of all lines of the server's {@code /metrics} with the given prefix. */
    static long sum(MillraceProcess server, String begin) {
        return sum(server.managementPort(), begin);
    }

    /** As above, of the server at a port of this machine. */
    static long sum(int managementPort, String begin) {
        return (long)
                page(managementPort).stream()
                        .filter(line -> line.startsWith(begin))
                        .mapToDouble(line ->
                                Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                        .sum();
    }

    /** Returns the value of the server's only line with the given prefix. */
    static double value(MillraceProcess server, String begin) {
        return page(server.managementPort()).stream()
                .filter(line -> line.startsWith(begin))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static List<String> page(int managementPort) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://localhost:"
                                                            + managementPort
                                                            + "/metrics"))
                                    // As scrapers do: an upgrade to HTTP/2 is not a subject of
                                    // these tests.
                                    .version(HttpClient.Version.HTTP_1_1)
                                    .timeout(Duration.ofSeconds(20))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
