package io.millrace.group.lag;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Shows how far groups are behind, one series for each partition of each group while it is told of
 * them, in rounds: what it was not told of since the round before is shown no more. Owned by the
 * metadata's loop; its gauges are read by any thread.
 */
public final class LagMetrics {

    private record Key(String group, String topic, int partition) {}

    /** What the gauges of a partition show. */
    private static final class Shown {
        final Gauge records;
        final Gauge seconds;
        volatile double recordsNow;
        volatile double secondsNow;
        int round;

        Shown(MeterRegistry registry, Tags tags) {
            records =
                    Gauge.builder("millrace.group.lag.records", this, shown -> shown.recordsNow)
                            .tags(tags)
                            .register(registry);
            seconds =
                    Gauge.builder("millrace.group.lag.seconds", this, shown -> shown.secondsNow)
                            .tags(tags)
                            .register(registry);
        }
    }

    private final MeterRegistry registry;
    private final Map<Key, Shown> shown = new HashMap<>();
    private volatile long leftOut;
    private int round;

    public LagMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("millrace.group.lag.left.out", this, all -> all.leftOut)
                .strongReference(true)
                .register(registry);
    }

    void show(String group, String topic, int partition, PartitionLag lag) {
        Shown one =
                shown.computeIfAbsent(
                        new Key(group, topic, partition),
                        key ->
                                new Shown(
                                        registry,
                                        Tags.of(
                                                "group",
                                                group,
                                                "topic",
                                                topic,
                                                "partition",
                                                Integer.toString(partition))));
        one.recordsNow = lag.records();
        one.secondsNow = lag.ageMs().isPresent() ? lag.ageMs().getAsLong() / 1000.0 : Double.NaN;
        one.round = round;
    }

    /**
     * Shows no more what was not told of since the last end.
     *
     * @param nowLeftOut partitions that there was no room to tell of
     */
    void roundEnds(long nowLeftOut) {
        for (Iterator<Shown> each = shown.values().iterator(); each.hasNext(); ) {
            Shown one = each.next();
            if (one.round != round) {
                registry.remove(one.records);
                registry.remove(one.seconds);
                each.remove();
            }
        }
        leftOut = nowLeftOut;
        round++;
    }
}
