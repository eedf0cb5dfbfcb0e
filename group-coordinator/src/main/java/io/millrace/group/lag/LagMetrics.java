package io.millrace.group.lag;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Publishes the lag of groups in rounds, as one series for each group and partition. A series that
 * is missing in a round is removed. Owned by the metadata's event loop; gauges are read by any
 * thread.
 */
public final class LagMetrics {

    private record Key(String group, String topic, int partition) {}

    private static final class LagGauges {
        final Gauge records;
        final Gauge seconds;
        volatile double recordsNow;
        volatile double secondsNow;
        int round;

        LagGauges(MeterRegistry registry, Tags tags) {
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
    private final Map<Key, LagGauges> gauges = new HashMap<>();
    private volatile long unreported;
    private int round;

    public LagMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("millrace.group.lag.left.out", this, all -> all.unreported)
                .strongReference(true)
                .register(registry);
    }

    void report(String group, String topic, int partition, PartitionLag lag) {
        LagGauges lagGauges =
                gauges.computeIfAbsent(
                        new Key(group, topic, partition),
                        key ->
                                new LagGauges(
                                        registry,
                                        Tags.of(
                                                "group",
                                                group,
                                                "topic",
                                                topic,
                                                "partition",
                                                Integer.toString(partition))));
        lagGauges.recordsNow = lag.records();
        lagGauges.secondsNow =
                lag.ageMs().isPresent() ? lag.ageMs().getAsLong() / 1000.0 : Double.NaN;
        lagGauges.round = round;
    }

    /**
     * @param nowLeftOut the number of partitions beyond the limit of series
     */
    void endRound(long nowLeftOut) {
        for (Iterator<LagGauges> each = gauges.values().iterator(); each.hasNext(); ) {
            LagGauges lagGauges = each.next();
            if (lagGauges.round != round) {
                registry.remove(lagGauges.records);
                registry.remove(lagGauges.seconds);
                each.remove();
            }
        }
        unreported = nowLeftOut;
        round++;
    }
}
