package io.millrace.compaction.shelf;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.LeftAlone;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ShelvedExtents;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
final class CompactedRows {

    private static final Logger LOG = Logger.getLogger(CompactedRows.class);

    private final Metadata metadata;
    private final CompactionDuties duties;
    private final ShelfSettings settings;
    private final ShelfMetrics metrics;

    /** Topics of which the log has told. */
    private final LeftAlone<Long> told;

    /**
     * The last row of a partition.
     *
     * @param extents of the partition in all of its rows
     * @param hasRoom whether they all come back
     */
    private record Last(Topic topic, ShelvedExtents row, long extents, boolean hasRoom) {}

    CompactedRows(
            Metadata metadata,
            CompactionDuties duties,
            ShelfSettings settings,
            ShelfMetrics metrics) {
        this.metadata = metadata;
        this.duties = duties;
        this.settings = settings;
        this.metrics = metrics;
        this.told = new LeftAlone<>(metadata.loop(), Duration.ofHours(1));
    }

    /** The last row of each partition of this node's topics that there is room for. */
    List<ShelvedExtents> due() {
        List<ShelvedExtents> due = new ArrayList<>();
        Map<Topic, Long> staying = new LinkedHashMap<>();
        for (Last one : all()) {
            if (duties.isDutyOf(metadata.incarnation(), one.topic().id())) {
                if (one.hasRoom()) {
                    due.add(one.row());
                } else {
                    staying.merge(one.topic(), one.extents(), Long::sum);
                }
            }
        }
        metrics.withoutRoom(staying.values().stream().mapToLong(extents -> extents).sum());
        staying.forEach(this::tell);
        return due;
    }

    /** The last row of each partition that there is no room for, of any node's topics. */
    Set<ShelvedExtents> staying() {
        return all().stream()
                .filter(one -> !one.hasRoom())
                .map(Last::row)
                .collect(Collectors.toSet());
    }

    private List<Last> all() {
        List<Last> all = new ArrayList<>();
        long room = settings.mostRecalled() - metadata.objects().extents();
        for (Topic topic : metadata.topics().all()) {
            if (topic.settings().compacted()) {
                for (PartitionLog log : shelved(topic)) {
                    long extents = log.allExtents() - log.extentsInMemory();
                    boolean hasRoom = extents <= room;
                    room -= hasRoom ? extents : 0;
                    all.add(new Last(topic, log.lastShelved().orElseThrow(), extents, hasRoom));
                }
            }
        }
        return all;
    }

    private List<PartitionLog> shelved(Topic topic) {
        return IntStream.range(0, topic.partitionCount())
                .mapToObj(partition -> metadata.view().partition(topic.id(), partition))
                .flatMap(Optional::stream)
                .filter(log -> log.lastShelved().isPresent())
                .toList();
    }

    private void tell(Topic topic, long extents) {
        if (!told.contains(topic.id())) {
            told.add(topic.id());
            LOG.warnf(
                    "Of topic %s, whose records are to go by key, %d pieces of partitions are in"
                            + " manifests: with them, nodes would have more than %d in memory. All"
                            + " records of those partitions stay until there is room. Give all"
                            + " nodes more heap, or a higher millrace.most-extents.",
                    topic.name(), extents, settings.mostRecalled());
        }
    }
}
