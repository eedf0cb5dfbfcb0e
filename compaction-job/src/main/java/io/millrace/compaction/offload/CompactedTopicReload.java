package io.millrace.compaction.offload;

import static java.util.stream.Collectors.summingLong;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.Cooldown;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.log.LogFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * Selects offloaded ranges of compacted topics to reload, because key compaction needs a whole
 * partition in memory. Only whole partitions within the limit are reloaded: an excess would make
 * nodes reject producers. All nodes use the same order. Owned by the metadata's event loop.
 */
final class CompactedTopicReload {

    private static final Logger LOG = Logger.getLogger(CompactedTopicReload.class);

    private final Metadata metadata;
    private final CompactionDuties duties;
    private final OffloadSettings settings;
    private final OffloadMetrics metrics;

    private final Cooldown<Long> reported;

    /**
     * @param extents number of extents in all offloaded ranges of the partition
     */
    private record PartitionReload(Topic topic, OffloadedRange lastRange, long extents) {}

    /** Fewest remaining extents first, so that started partitions are finished soon. */
    private static final Comparator<PartitionReload> ORDER =
            Comparator.comparingLong(PartitionReload::extents)
                    .thenComparing(extent -> extent.topic().id())
                    .thenComparing(extent -> extent.lastRange().partition());

    private record ReloadSelection(
            List<PartitionReload> fitting, List<PartitionReload> withoutRoom) {}

    CompactedTopicReload(
            Metadata metadata,
            CompactionDuties duties,
            OffloadSettings settings,
            OffloadMetrics metrics) {
        this.metadata = metadata;
        this.duties = duties;
        this.settings = settings;
        this.metrics = metrics;
        this.reported = new Cooldown<>(metadata.loop(), Duration.ofHours(1));
    }

    /** Returns the last offloaded range of each partition to reload, of this node's topics. */
    List<OffloadedRange> due() {
        ReloadSelection rows = select();
        Map<Topic, Long> staying =
                rows.withoutRoom().stream()
                        .filter(this::isMine)
                        .collect(
                                Collectors.groupingBy(
                                        PartitionReload::topic,
                                        summingLong(PartitionReload::extents)));
        metrics.withoutRoom(staying.values().stream().mapToLong(extents -> extents).sum());
        staying.forEach(this::report);
        return rows.fitting().stream()
                .filter(this::isMine)
                .map(PartitionReload::lastRange)
                .toList();
    }

    private boolean isMine(PartitionReload reload) {
        return duties.isResponsibleForTopic(metadata.incarnation(), reload.topic().id());
    }

    /** Returns the last offloaded range of each partition without room, of all nodes' topics. */
    Set<OffloadedRange> withoutRoom() {
        return select().withoutRoom().stream()
                .map(PartitionReload::lastRange)
                .collect(Collectors.toSet());
    }

    private ReloadSelection select() {
        List<PartitionReload> all = new ArrayList<>();
        for (Topic topic : metadata.topics().all()) {
            if (topic.settings().compacted()) {
                for (PartitionLog log : offloaded(topic)) {
                    long extents = log.totalExtents() - log.extentsInMemory();
                    all.add(
                            new PartitionReload(
                                    topic, log.lastOffloadedRange().orElseThrow(), extents));
                }
            }
        }
        all.sort(ORDER);
        long room = settings.maxReloaded() - metadata.objects().extentsInMemory();
        int coming = 0;
        while (coming < all.size() && all.get(coming).extents() <= room) {
            room -= all.get(coming).extents();
            coming++;
        }
        return new ReloadSelection(all.subList(0, coming), all.subList(coming, all.size()));
    }

    private List<PartitionLog> offloaded(Topic topic) {
        return IntStream.range(0, topic.partitionCount())
                .mapToObj(partition -> metadata.view().partition(topic.id(), partition))
                .flatMap(Optional::stream)
                .filter(log -> log.lastOffloadedRange().isPresent())
                .toList();
    }

    private void report(Topic topic, long extents) {
        if (!reported.contains(topic.id())) {
            reported.start(topic.id());
            LogFields.topic(topic.name())
                    .log(() ->
                            LOG.warnf(
                                    "Topic %s is compacted, but %d of its extents are offloaded and"
                                            + " reloading them would exceed the limit of %d extents in memory."
                                            + " The topic stays readable and is not compacted until there is"
                                            + " room: add heap on all nodes or raise millrace.max-extents.",
                                    topic.name(), extents, settings.maxReloaded()));
        }
    }
}
