package io.millrace.compaction.shelf;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.LeftAlone;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ShelvedExtents;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        long room = settings.mostRecalled() - metadata.objects().extents();
        long withoutRoom = 0;
        for (Topic topic : metadata.topics().all()) {
            if (topic.settings().compacted()) {
                List<PartitionLog> back = new ArrayList<>();
                long stays = 0;
                for (PartitionLog log : shelved(topic)) {
                    long extents = log.allExtents() - log.extentsInMemory();
                    if (extents <= room) {
                        room -= extents;
                        back.add(log);
                    } else {
                        stays += extents;
                    }
                }
                if (duties.isDutyOf(metadata.incarnation(), topic.id())) {
                    back.forEach(log -> log.lastShelved().ifPresent(due::add));
                    withoutRoom += stays;
                    tell(topic, stays);
                }
            }
        }
        metrics.withoutRoom(withoutRoom);
        return due;
    }

    private List<PartitionLog> shelved(Topic topic) {
        return IntStream.range(0, topic.partitionCount())
                .mapToObj(partition -> metadata.view().partition(topic.id(), partition))
                .flatMap(Optional::stream)
                .filter(log -> log.lastShelved().isPresent())
                .toList();
    }

    private void tell(Topic topic, long extents) {
        if (extents > 0 && !told.contains(topic.id())) {
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
