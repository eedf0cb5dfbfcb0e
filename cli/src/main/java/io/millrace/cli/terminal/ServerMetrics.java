package io.millrace.cli.terminal;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A snapshot of a server's Prometheus page: for each metric, the sum over all labels. */
public record ServerMetrics(Map<String, Double> values) {

    private static final double GIB = 1024.0 * 1024 * 1024;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * Reads the page; empty without an address.
     *
     * @param managementAddress HOST:PORT of the server's management port
     * @param token the bearer token for metrics; null if the server needs none
     */
    public static ServerMetrics read(@Nullable String managementAddress, @Nullable String token) {
        if (managementAddress == null) {
            return new ServerMetrics(Map.of());
        }
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://" + managementAddress + "/metrics"))
                            .timeout(TIMEOUT);
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            HttpResponse<String> page =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return switch (page.statusCode()) {
                case 200 -> parse(page.body());
                case 401 ->
                        throw new CommandFailedException(
                                "--management: the metrics of %s need a token. Name the file of the server's millrace.metrics-token-file by --metrics-token-file."
                                        .formatted(managementAddress));
                default ->
                        throw new CommandFailedException(
                                "No Prometheus page found at http://%s/metrics."
                                        .formatted(managementAddress));
            };
        } catch (IOException | IllegalArgumentException unreachable) {
            throw new CommandFailedException(
                    "--management: cannot read http://" + managementAddress + "/metrics.");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("Interrupted.");
        }
    }

    static ServerMetrics parse(String page) {
        Map<String, Double> values = new HashMap<>();
        page.lines()
                .filter(line -> !line.startsWith("#") && line.contains(" "))
                .forEach(line -> {
                    int labels = line.indexOf('{');
                    int space = line.lastIndexOf(' ');
                    String name = line.substring(0, labels > 0 ? labels : line.indexOf(' '));
                    try {
                        double value = Double.parseDouble(line.substring(space + 1));
                        values.merge(name, value, Double::sum);
                    } catch (NumberFormatException timestamped) {
                        // Not a line of Millrace's metrics.
                    }
                });
        return new ServerMetrics(values);
    }

    /** Returns the server's resource usage since an earlier snapshot, per byte where applicable. */
    public Map<String, Object> usageSince(ServerMetrics before, long bytes) {
        Map<String, Object> cost = new LinkedHashMap<>();
        if (values.isEmpty() || bytes == 0) {
            return cost;
        }
        double cpuSeconds = increaseSince(before, "process_cpu_time_ns_total") / 1e9;
        cost.put("serverCpuSecondsPerGiB", round(cpuSeconds / (bytes / GIB)));
        cost.put(
                "serverAllocatedBytesPerByte",
                round(increaseSince(before, "millrace_process_allocated_bytes_total") / bytes));
        cost.put("serverResidentBytes", value("millrace_process_resident_bytes"));
        cost.put("serverResidentPeakBytes", value("millrace_process_resident_peak_bytes"));
        double stored = increaseSince(before, "millrace_ingest_block_size_bytes_sum");
        if (stored > 0) {
            cost.put("storedBytes", (long) stored);
            cost.put("storedBytesPerByteSent", round(stored / bytes));
        }
        return cost;
    }

    /** Returns the value of a metric; -1 if missing. */
    public long value(String name) {
        return values.getOrDefault(name, -1.0).longValue();
    }

    public double increaseSince(ServerMetrics before, String name) {
        return values.getOrDefault(name, 0.0) - before.values.getOrDefault(name, 0.0);
    }

    public static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
