package io.millrace.client.observation.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.partition.TopicPartition;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Exports a client's metrics to a Micrometer registry (docs/metrics.md, "Java client"). One object
 * serves any number of clients of a process. The label {@code topic} has at most {@code maxTopics}
 * values and {@code other}.
 */
public final class MicrometerMetrics implements ClientMetrics {

    private static final String OTHER = "other";

    /** The meters of one value of the label {@code topic}. */
    private record TopicMeters(
            Counter sentRecords,
            Counter sentBytes,
            Counter sentBatches,
            Counter readRecords,
            Counter readBytes) {}

    private final MeterRegistry registry;
    private final int maxTopics;
    private final Map<String, TopicMeters> topics = new ConcurrentHashMap<>();
    private final TopicMeters otherTopics;
    private final Timer queue;
    private final Timer request;
    private final Timer fetch;
    private final Timer handler;
    private final Counter assigned;
    private final Counter revoked;
    private final Counter lost;
    private final Map<TopicPartition, Long> lags = new ConcurrentHashMap<>();
    private final Set<LongSupplier> connections = ConcurrentHashMap.newKeySet();
    private final Set<LongSupplier> buffers = ConcurrentHashMap.newKeySet();

    /** Exports without a distinction of topics. */
    public MicrometerMetrics(MeterRegistry registry) {
        this(registry, 0);
    }

    /**
     * @param maxTopics the maximum number of topics with series of their own, in the order of first
     *     use; further topics share the value {@code other}
     */
    public MicrometerMetrics(MeterRegistry registry, int maxTopics) {
        this.registry = registry;
        this.maxTopics = maxTopics;
        this.otherTopics = topicMeters(OTHER);
        this.queue = timer("millrace.client.producer.queue");
        this.request = timer("millrace.client.producer.request");
        this.fetch = timer("millrace.client.reader.request");
        this.handler = timer("millrace.client.subscription.handler");
        this.assigned = rebalanced("assigned");
        this.revoked = rebalanced("revoked");
        this.lost = rebalanced("lost");
        gauge("millrace.client.connections", () -> sum(connections));
        gauge("millrace.client.producer.buffer.bytes", () -> sum(buffers));
        gauge("millrace.client.lag.records", this::maxLag);
    }

    @Override
    public Registration clientOpened(LongSupplier count) {
        return register(connections, count);
    }

    @Override
    public Registration producerOpened(LongSupplier bufferedBytes) {
        return register(buffers, bufferedBytes);
    }

    @Override
    public void batchStored(StoredBatch batch) {
        TopicMeters meters = metersOf(batch.topic());
        meters.sentRecords.increment(batch.records());
        meters.sentBytes.increment(batch.sizeBytes());
        meters.sentBatches.increment();
        queue.record(batch.queueNanos(), TimeUnit.NANOSECONDS);
        request.record(batch.requestNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void batchFailed(String topic, int records, MillraceException failure) {
        registry.counter("millrace.client.producer.failed.records", "reason", reasonOf(failure))
                .increment(records);
    }

    @Override
    public void batchRetried(String topic, String reason) {
        registry.counter("millrace.client.producer.retries", "reason", reason).increment();
    }

    @Override
    public void fetched(long requestNanos) {
        fetch.record(requestNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void fetchFailed(MillraceException failure) {
        registry.counter("millrace.client.reader.failures", "reason", reasonOf(failure))
                .increment();
    }

    @Override
    public void polled(ReadBatches batches) {
        read(batches);
    }

    @Override
    public void handled(ReadBatches batches, long handlerNanos) {
        read(batches);
        handler.record(handlerNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void lag(TopicPartition partition, long records) {
        lags.put(partition, records);
    }

    @Override
    public void assigned(Collection<TopicPartition> partitions) {
        assigned.increment(partitions.size());
    }

    @Override
    public void revoked(Collection<TopicPartition> partitions) {
        revoked.increment(partitions.size());
        lags.keySet().removeAll(Set.copyOf(partitions));
    }

    @Override
    public void lost(Collection<TopicPartition> partitions) {
        lost.increment(partitions.size());
        lags.keySet().removeAll(Set.copyOf(partitions));
    }

    @Override
    public void readerClosed(Collection<TopicPartition> partitions) {
        lags.keySet().removeAll(Set.copyOf(partitions));
    }

    @Override
    public void commitAnswered(boolean stored) {
        registry.counter(
                        "millrace.client.subscription.commits",
                        "result",
                        stored ? "stored" : "failed")
                .increment();
    }

    private void read(ReadBatches batches) {
        TopicMeters meters = metersOf(batches.topic());
        meters.readRecords.increment(batches.records());
        meters.readBytes.increment(batches.sizeBytes());
    }

    private TopicMeters metersOf(String topic) {
        TopicMeters known = topics.get(topic);
        if (known != null) {
            return known;
        }
        // Concurrent first uses may exceed the limit by the number of threads.
        return topics.size() < maxTopics
                ? topics.computeIfAbsent(topic, this::topicMeters)
                : otherTopics;
    }

    private TopicMeters topicMeters(String topic) {
        return new TopicMeters(
                registry.counter("millrace.client.producer.records", "topic", topic),
                registry.counter("millrace.client.producer.bytes", "topic", topic),
                registry.counter("millrace.client.producer.batches", "topic", topic),
                registry.counter("millrace.client.read.records", "topic", topic),
                registry.counter("millrace.client.read.bytes", "topic", topic));
    }

    private Counter rebalanced(String change) {
        return registry.counter("millrace.client.subscription.partitions", "change", change);
    }

    private Timer timer(String name) {
        return Timer.builder(name).publishPercentileHistogram().register(registry);
    }

    private void gauge(String name, LongSupplier value) {
        Gauge.builder(name, value, LongSupplier::getAsLong)
                .strongReference(true)
                .register(registry);
    }

    private static Registration register(Set<LongSupplier> sources, LongSupplier source) {
        // A lambda without captured variables would be one object for all callers.
        LongSupplier own = new Source(source);
        sources.add(own);
        return () -> sources.remove(own);
    }

    /** A source with an identity of its own. */
    private static final class Source implements LongSupplier {
        private final LongSupplier delegate;

        Source(LongSupplier delegate) {
            this.delegate = delegate;
        }

        @Override
        public long getAsLong() {
            return delegate.getAsLong();
        }
    }

    private static long sum(Set<LongSupplier> sources) {
        return sources.stream().mapToLong(LongSupplier::getAsLong).sum();
    }

    private long maxLag() {
        return lags.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private static String reasonOf(MillraceException failure) {
        return failure.reason()
                .map(reason -> reason.name().toLowerCase(Locale.ROOT))
                .orElseGet(() -> kindOf(failure));
    }

    private static String kindOf(MillraceException failure) {
        return failure.getClass()
                .getSimpleName()
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }
}
