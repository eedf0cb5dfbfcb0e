package io.millrace.group.lag;

import io.millrace.group.Coordinators;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Measures periodically the lag of the groups whose coordinator or candidate is this node.
 * Partitions beyond {@code maxPartitions} are only counted. Runs in small tasks. Owned by the
 * metadata's event loop.
 */
public final class LagSurvey {

    static final Duration INTERVAL = Duration.ofSeconds(10);

    /** Groups and partitions measured in one task. */
    static final int BATCH_SIZE = 500;

    private final Metadata metadata;
    private final Coordinators coordinators;
    private final InstantSource clock;
    private final int maxPartitions;
    private final LagMetrics metrics;

    /**
     * @param maxPartitions the maximum number of partitions whose lag is published; 0 disables the
     *     survey
     */
    public LagSurvey(
            Metadata metadata,
            Coordinators coordinators,
            InstantSource clock,
            int maxPartitions,
            LagMetrics metrics) {
        this.metadata = metadata;
        this.coordinators = coordinators;
        this.clock = clock;
        this.maxPartitions = maxPartitions;
        this.metrics = metrics;
    }

    /** Runs as long as the event loop. Any thread. */
    public void start() {
        if (maxPartitions > 0) {
            metadata.loop().runNowOrLater(this::next);
        }
    }

    private void next() {
        metadata.loop().schedule(INTERVAL, () -> new SurveyPass(metadata.groups().ids()).proceed());
    }

    private final class SurveyPass {
        private final List<String> groups;
        private int at;
        private int reported;
        private long unreported;
        private int checked;

        SurveyPass(List<String> groups) {
            this.groups = groups;
        }

        void proceed() {
            checked = 0;
            while (at < groups.size() && checked < BATCH_SIZE) {
                checked++;
                String id = groups.get(at++);
                if (isCoordinatedHere(id)) {
                    metadata.groups().group(id).ifPresent(this::check);
                }
            }
            if (at < groups.size()) {
                metadata.loop().execute(this::proceed);
            } else {
                metrics.endRound(unreported);
                next();
            }
        }

        private void check(Group group) {
            for (long topicId : group.topics()) {
                Optional<Topic> topic = metadata.topics().withId(topicId);
                for (int partition : group.partitions(topicId)) {
                    checked++;
                    if (topic.isPresent()) {
                        check(group, topic.get(), partition);
                    }
                }
            }
        }

        private void check(Group group, Topic topic, int partition) {
            if (reported == maxPartitions) {
                unreported++;
                return;
            }
            metadata.view()
                    .partition(topic.id(), partition)
                    .ifPresent(log -> {
                        reported++;
                        metrics.report(
                                group.id(),
                                topic.name(),
                                partition,
                                PartitionLag.of(
                                        group.committed(topic.id(), partition),
                                        log,
                                        clock.millis()));
                    });
        }
    }

    private boolean isCoordinatedHere(String group) {
        return coordinators
                .of(group)
                .filter(node -> node.incarnation() == metadata.incarnation())
                .isPresent();
    }
}
