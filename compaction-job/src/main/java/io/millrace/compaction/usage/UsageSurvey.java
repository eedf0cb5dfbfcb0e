package io.millrace.compaction.usage;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.usage.StoredUsage.LevelUsage;
import io.millrace.compaction.usage.StoredUsage.TopicUsage;
import io.millrace.metadata.Metadata;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Publishes the storage usage as metrics, on the responsible node only, so that sums over nodes are
 * right. Owned by the metadata's event loop.
 */
public final class UsageSurvey {

    /** Only the largest topics have time series. */
    private static final int MAX_TOPICS = 1_000;

    private final Metadata metadata;
    private final CompactionDuties duties;
    private final Duration interval;
    private final MultiGauge objects;
    private final MultiGauge sizes;
    private final MultiGauge live;
    private final MultiGauge topics;
    private final MultiGauge topicObjects;

    public UsageSurvey(
            Metadata metadata, CompactionDuties duties, Duration interval, MeterRegistry registry) {
        this.metadata = metadata;
        this.duties = duties;
        this.interval = interval;
        this.objects =
                MultiGauge.builder("millrace.stored.objects")
                        .baseUnit("objects")
                        .register(registry);
        this.sizes =
                MultiGauge.builder("millrace.stored.size").baseUnit("bytes").register(registry);
        this.live = MultiGauge.builder("millrace.stored.live").baseUnit("bytes").register(registry);
        this.topics =
                MultiGauge.builder("millrace.topic.size").baseUnit("bytes").register(registry);
        this.topicObjects =
                MultiGauge.builder("millrace.topic.objects").baseUnit("objects").register(registry);
    }

    /** Starts periodic updates. Any thread. */
    public void start() {
        metadata.loop().runNowOrLater(this::check);
    }

    private void check() {
        if (!duties.isResponsibleForBucket(metadata.incarnation())) {
            publish(new StoredUsage(List.of(), List.of()));
            metadata.loop().schedule(interval, this::check);
            return;
        }
        metadata.manifest()
                .thenComposeAsync(past -> StoredUsage.of(metadata, past), metadata.loop())
                .whenCompleteAsync(
                        (usage, failure) -> {
                            // While the log is unavailable, the last values stay.
                            if (failure == null) {
                                publish(usage);
                            }
                            metadata.loop().schedule(interval, this::check);
                        },
                        metadata.loop());
    }

    private void publish(StoredUsage usage) {
        publish(objects, usage.levels(), LevelUsage::objects);
        publish(sizes, usage.levels(), LevelUsage::sizeBytes);
        publish(live, usage.levels(), LevelUsage::liveBytes);
        List<TopicUsage> largest = usage.largestTopics(MAX_TOPICS);
        publishTopics(topics, largest, TopicUsage::liveBytes);
        publishTopics(topicObjects, largest, TopicUsage::objects);
    }

    private static void publishTopics(
            MultiGauge gauges, List<TopicUsage> topics, ToDoubleFunction<TopicUsage> value) {
        gauges.register(
                topics.stream()
                        .map(topic ->
                                MultiGauge.Row.of(
                                        Tags.of("topic", topic.topic()),
                                        value.applyAsDouble(topic)))
                        .toList(),
                true);
    }

    private static void publish(
            MultiGauge gauges, List<LevelUsage> levels, ToDoubleFunction<LevelUsage> value) {
        gauges.register(
                levels.stream()
                        .map(level ->
                                MultiGauge.Row.of(
                                        Tags.of(
                                                "level",
                                                level.level().name().toLowerCase(Locale.ROOT)),
                                        value.applyAsDouble(level)))
                        .toList(),
                true);
    }
}
