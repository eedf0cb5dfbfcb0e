package io.millrace.metadata.replica;

import io.millrace.metadata.feature.FeatureLevels;
import java.time.Duration;

/**
 * Settings of a replica.
 *
 * @param proposalTimeout how long a proposal may wait before its outcome counts as unknown
 * @param barrierTimeout how long a barrier may wait
 * @param maintenanceInterval time between looks at the log's age and size
 * @param producerLife an idempotent producer that wrote nothing for so long may be forgotten
 * @param groupLife a consumer group that had no members and no commits for so long may be forgotten
 * @param incarnationGrace an incarnation of no live node is closed after so long
 * @param levels that this node knows
 */
public record ReplicaSettings(
        Duration proposalTimeout,
        Duration barrierTimeout,
        Duration maintenanceInterval,
        Duration producerLife,
        Duration groupLife,
        Duration incarnationGrace,
        FeatureLevels levels) {

    /**
     * What suits a single process.
     *
     * @param levels see above
     */
    public static ReplicaSettings embedded(FeatureLevels levels) {
        return new ReplicaSettings(
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofDays(7),
                Duration.ofDays(7),
                Duration.ZERO,
                levels);
    }

    /**
     * What suits a node of a cluster.
     *
     * @param incarnationGrace see above
     * @param levels see above
     */
    public static ReplicaSettings cluster(Duration incarnationGrace, FeatureLevels levels) {
        return new ReplicaSettings(
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                Duration.ofDays(7),
                Duration.ofDays(7),
                incarnationGrace,
                levels);
    }

    /** The same with another life of groups. */
    public ReplicaSettings keepingGroups(Duration life) {
        return new ReplicaSettings(
                proposalTimeout,
                barrierTimeout,
                maintenanceInterval,
                producerLife,
                life,
                incarnationGrace,
                levels);
    }
}
