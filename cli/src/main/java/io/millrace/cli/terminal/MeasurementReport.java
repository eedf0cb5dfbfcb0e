package io.millrace.cli.terminal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** The result of a measurement: named values, printed in insertion order. */
public final class MeasurementReport implements CommandResult {

    private final Map<String, Object> results = new LinkedHashMap<>();

    public MeasurementReport put(String name, Object value) {
        results.put(name, value);
        return this;
    }

    public MeasurementReport throughput(long bytes, long records, double seconds) {
        put("seconds", ServerMetrics.round(seconds));
        put("bytes", bytes);
        put("records", records);
        put("megabytesPerSecond", ServerMetrics.round(bytes / 1e6 / seconds));
        return put("recordsPerSecond", Math.round(records / seconds));
    }

    /** Adds percentiles in milliseconds, from a histogram of microseconds. */
    public MeasurementReport latency(String name, Histogram micros) {
        if (micros.getTotalCount() == 0) {
            return this;
        }
        Map<String, Object> percentiles = new LinkedHashMap<>();
        for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
            String label =
                    percentile == 100
                            ? "max"
                            : "p"
                                    + (percentile == 99.9
                                            ? "99.9"
                                            : Integer.toString((int) percentile));
            percentiles.put(
                    label, ServerMetrics.round(micros.getValueAtPercentile(percentile) / 1000.0));
        }
        percentiles.put("count", micros.getTotalCount());
        return put(name, percentiles);
    }

    public MeasurementReport putAll(Map<String, Object> more) {
        results.putAll(more);
        return this;
    }

    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        results.forEach((name, value) -> lines.add("%-30s %s".formatted(name, value)));
        return lines;
    }

    @Override
    public Object json() {
        return results;
    }
}
