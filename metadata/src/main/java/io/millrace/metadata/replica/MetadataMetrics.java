package io.millrace.metadata.replica;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.state.MetadataState.Sizes;

/** The metrics of the metadata, described in docs/metrics.md. */
public final class MetadataMetrics {

    final Timer append;
    final Timer apply;
    final Timer checkpoint;
    final Timer snapshot;
    final Counter entries;
    final Counter checkpointFailures;
    final Counter restarts;
    private final MeterRegistry registry;
    private volatile Sizes sizes = new Sizes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    private volatile int featureLevel;

    public MetadataMetrics(MeterRegistry registry) {
        this.registry = registry;
        append = registry.timer("millrace.metadata.append");
        apply = registry.timer("millrace.metadata.apply");
        checkpoint = registry.timer("millrace.metadata.checkpoint");
        snapshot = registry.timer("millrace.metadata.snapshot");
        entries = registry.counter("millrace.metadata.entries");
        checkpointFailures = registry.counter("millrace.metadata.checkpoint.failures");
        restarts = registry.counter("millrace.cluster.declared.dead");
        gauge("millrace.metadata.partitions", () -> sizes.partitions());
        gauge("millrace.metadata.extents", () -> sizes.extents());
        gauge("millrace.metadata.extents.offloaded", () -> sizes.offloaded());
        gauge("millrace.metadata.ranges.unreachable", () -> sizes.unreachable());
        gauge("millrace.metadata.objects", () -> sizes.objects());
        gauge("millrace.metadata.dereferenced", () -> sizes.dereferenced());
        Gauge.builder("millrace.metadata.dereferenced.size", () -> sizes.dereferencedBytes())
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
        gauge("millrace.metadata.producers", () -> sizes.producers());
        gauge("millrace.metadata.producers.capacity", () -> sizes.producerCapacity());
        FunctionCounter.builder(
                        "millrace.metadata.producers.evicted",
                        this,
                        metrics -> metrics.sizes.producerEvictions())
                .register(registry);
        Gauge.builder("millrace.metadata.size", () -> sizes.bytes())
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
        gauge("millrace.metadata.groups", () -> sizes.groups());
        gauge("millrace.metadata.feature.level", () -> featureLevel);
    }

    /**
     * @param shareBytes the share of this node's heap for the metadata
     */
    void watch(MetadataLog log, long shareBytes) {
        Gauge.builder("millrace.metadata.size.limit", () -> shareBytes)
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
        gauge("millrace.metadata.disputed", () -> log.statistics().dispute().isPresent() ? 1 : 0);
        Gauge.builder("millrace.metadata.log.live", () -> log.statistics().liveBytes())
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
        Gauge.builder("millrace.metadata.stale", () -> log.statistics().stale().toMillis() / 1e3)
                .baseUnit("seconds")
                .strongReference(true)
                .register(registry);
        Gauge.builder(
                        "millrace.metadata.restorable.age",
                        () -> log.statistics().restorableAge().toMillis() / 1e3)
                .baseUnit("seconds")
                .strongReference(true)
                .register(registry);
        gauge("millrace.metadata.log.seals", () -> log.statistics().seals());
        gauge("millrace.metadata.log.archives", () -> log.statistics().archives());
        gauge("millrace.metadata.log.archives.uncovered", () -> log.statistics().uncovered());
    }

    void state(Sizes now, int level) {
        sizes = now;
        featureLevel = level;
    }

    private void gauge(String name, java.util.function.Supplier<Number> value) {
        Gauge.builder(name, value).strongReference(true).register(registry);
    }
}
