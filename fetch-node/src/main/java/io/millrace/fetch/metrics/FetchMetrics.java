package io.millrace.fetch.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.protocol.error.Reason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The metrics of the read path (docs/metrics.md). Any thread. */
public final class FetchMetrics {

    private final Counter bytesOut;
    private final Counter batchesOut;
    private final Counter recordsOut;
    private final Counter hotHits;
    private final Counter coldHits;
    private final Counter misses;
    private final Counter offloadedRangeHits;
    private final Counter offloadedRangeLoads;
    private final Timer loads;
    private final Counter failedLoads;
    private final Counter readAheads;
    private final Map<PeerReadResult, Counter> peerReads = new EnumMap<>(PeerReadResult.class);
    private final Counter peersAsked;
    private final Counter announcedLoaded;
    private final Counter announcedLeft;
    private final Counter outOfRange;
    private final Map<Reason, Counter> failed = new EnumMap<>(Reason.class);
    private final Counter overloaded;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong replyBytes = new AtomicLong();
    private final AtomicLong hotBytes = new AtomicLong();
    private final AtomicLong coldBytes = new AtomicLong();

    public FetchMetrics(MeterRegistry registry) {
        bytesOut = Counter.builder("millrace.fetch.out").baseUnit("bytes").register(registry);
        batchesOut = registry.counter("millrace.fetch.batches");
        recordsOut = registry.counter("millrace.fetch.records");
        hotHits = registry.counter("millrace.fetch.cache.reads", "result", "hot");
        coldHits = registry.counter("millrace.fetch.cache.reads", "result", "cold");
        misses = registry.counter("millrace.fetch.cache.reads", "result", "miss");
        offloadedRangeHits = registry.counter("millrace.fetch.offloaded.ranges", "result", "known");
        offloadedRangeLoads =
                registry.counter("millrace.fetch.offloaded.ranges", "result", "loaded");
        loads = registry.timer("millrace.fetch.load");
        failedLoads = registry.counter("millrace.fetch.load.failures");
        readAheads = registry.counter("millrace.fetch.load.ahead");
        for (PeerReadResult result : PeerReadResult.values()) {
            peerReads.put(
                    result,
                    registry.counter(
                            "millrace.fetch.peer.reads",
                            "result",
                            result.name().toLowerCase(Locale.ROOT)));
        }
        peersAsked = registry.counter("millrace.fetch.peer.answers");
        announcedLoaded = registry.counter("millrace.fetch.announced", "result", "loaded");
        announcedLeft = registry.counter("millrace.fetch.announced", "result", "left");
        outOfRange = registry.counter("millrace.fetch.out.of.range");
        for (Reason reason : Reason.values()) {
            failed.put(
                    reason,
                    registry.counter(
                            "millrace.fetch.failed",
                            "reason",
                            reason.name().toLowerCase(Locale.ROOT)));
        }
        overloaded = registry.counter("millrace.fetch.overloaded");
        Gauge.builder("millrace.fetch.reply", replyBytes, AtomicLong::get)
                .baseUnit("bytes")
                .register(registry);
        gauge(registry, "millrace.fetch.cache.size", "hot", hotBytes);
        gauge(registry, "millrace.fetch.cache.size", "cold", coldBytes);
        Gauge.builder("millrace.fetch.waiting", waiting, AtomicLong::get).register(registry);
    }

    private static void gauge(MeterRegistry registry, String name, String tier, AtomicLong value) {
        Gauge.builder(name, value, AtomicLong::get)
                .tag("tier", tier)
                .baseUnit("bytes")
                .register(registry);
    }

    public long bytesOut() {
        return (long) bytesOut.count();
    }

    public void served(long bytes, long batches, long records) {
        bytesOut.increment(bytes);
        batchesOut.increment(batches);
        recordsOut.increment(records);
    }

    public void hotHit() {
        hotHits.increment();
    }

    public void coldHit() {
        coldHits.increment();
    }

    public void miss() {
        misses.increment();
    }

    public void offloadedRangeHit() {
        offloadedRangeHits.increment();
    }

    public void offloadedRangeLoaded() {
        offloadedRangeLoads.increment();
    }

    public void loaded(long nanos) {
        loads.record(nanos, TimeUnit.NANOSECONDS);
    }

    public void loadFailed() {
        failedLoads.increment();
    }

    public void readAhead() {
        readAheads.increment();
    }

    public void peerRead(PeerReadResult result) {
        Counter counter = peerReads.get(result);
        if (counter != null) {
            counter.increment();
        }
    }

    public void announced(boolean loaded) {
        (loaded ? announcedLoaded : announcedLeft).increment();
    }

    public void peerAsked() {
        peersAsked.increment();
    }

    /** Counts a partition that a fetch or a subscription could not read. */
    public void rejected(Reason reason) {
        Counter counter = failed.get(reason);
        if (counter != null) {
            counter.increment();
        }
        if (reason == Reason.OFFSET_OUT_OF_RANGE) {
            outOfRange.increment();
        }
    }

    public void overloaded() {
        overloaded.increment();
    }

    public void waiting(long fetches) {
        waiting.set(fetches);
    }

    public void replyBytes(long bytes) {
        replyBytes.set(bytes);
    }

    public void hotBytes(long bytes) {
        hotBytes.set(bytes);
    }

    public void coldBytes(long bytes) {
        coldBytes.set(bytes);
    }
}
