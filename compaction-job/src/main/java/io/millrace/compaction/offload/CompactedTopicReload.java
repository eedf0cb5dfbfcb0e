package io.millrace.compaction.offload;

import static java.util.stream.Collectors.summingLong;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.Cooldown;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
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
 * The rows of compacted topics that are to come back, as passes by key need all of a partition in
 * memory. Each partition comes whole, and only if there is room for it: nodes would refuse all
 * producers for it otherwise. All nodes take them in one order, and reckon with those of others.
 * Owned by the metadata's loop.
 */
final class CompactedTopicReload {

    private static final Logger LOG = Logger.getLogger(CompactedTopicReload.class);

    private final Metadata metadata;
    private final CompactionDuties duties;
    private final OffloadSettings settings;
    private final OffloadMetrics metrics;

    /** Topics of which the log has told. */
    private final Cooldown<Long> reported;

    /**
     * The last row of a partition.
     *
     * @param extents of the partition in all of its rows
     */
    private record Last(Topic topic, OffloadedRange row, long extents) {}

    /** What is nearly there comes first, so that what has begun to come back is soon done. */
    private static final Comparator<Last> ORDER =
            Comparator.comparingLong(Last::extents)
                    .thenComparing(one -> one.topic().id())
                    .thenComparing(one -> one.row().partition());

    /**
     * What is to come back.
     *
     * @param coming what there is room for
     * @param staying the rest
     */
    private record Rows(List<Last> coming, List<Last> staying) {}

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

    /** The last row of each partition of this node's topics that there is room for. */
    List<OffloadedRange> due() {
        Rows rows = rows();
        Map<Topic, Long> staying =
                rows.staying().stream()
                        .filter(this::isMine)
                        .collect(Collectors.groupingBy(Last::topic, summingLong(Last::extents)));
        metrics.withoutRoom(staying.values().stream().mapToLong(extents -> extents).sum());
        staying.forEach(this::report);
        return rows.coming().stream().filter(this::isMine).map(Last::row).toList();
    }

    private boolean isMine(Last one) {
        return duties.isDutyOf(metadata.incarnation(), one.topic().id());
    }

    /** The last row of each partition that there is no room for, of any node's topics. */
    Set<OffloadedRange> staying() {
        return rows().staying().stream().map(Last::row).collect(Collectors.toSet());
    }

    private Rows rows() {
        List<Last> all = new ArrayList<>();
        for (Topic topic : metadata.topics().all()) {
            if (topic.settings().compacted()) {
                for (PartitionLog log : offloaded(topic)) {
                    long extents = log.allExtents() - log.extentsInMemory();
                    all.add(new Last(topic, log.lastOffloaded().orElseThrow(), extents));
                }
            }
        }
        all.sort(ORDER);
        long room = settings.maxReloaded() - metadata.objects().extents();
        int coming = 0;
        while (coming < all.size() && all.get(coming).extents() <= room) {
            room -= all.get(coming).extents();
            coming++;
        }
        return new Rows(all.subList(0, coming), all.subList(coming, all.size()));
    }

    private List<PartitionLog> offloaded(Topic topic) {
        return IntStream.range(0, topic.partitionCount())
                .mapToObj(partition -> metadata.view().partition(topic.id(), partition))
                .flatMap(Optional::stream)
                .filter(log -> log.lastOffloaded().isPresent())
                .toList();
    }

    private void report(Topic topic, long extents) {
        if (!reported.contains(topic.id())) {
            reported.add(topic.id());
            LOG.warnf(
                    "Of topic %s, whose records are to go by key, %d pieces of partitions are in"
                            + " manifests: with them, nodes would have more than %d in memory. They"
                            + " are kept and served as they are until there is room. Give all nodes"
                            + " more heap, or a higher millrace.max-extents.",
                    topic.name(), extents, settings.maxReloaded());
        }
    }
}
