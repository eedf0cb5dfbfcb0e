package io.millrace.metadata.replica;

import io.millrace.metadata.feature.FeatureLevels;
import java.time.Duration;

/**
 * Settings of a replica.
 *
 * @param proposalTimeout the time after which the outcome of a proposal is unknown
 * @param maintenanceInterval the interval between maintenance calls to the log
 * @param producerLife the time without writes after which an idempotent producer expires
 * @param groupLife the time without members and commits after which a group expires
 * @param incarnationGrace the time after which an incarnation without a live node is closed
 * @param metadataBytes the memory that this node has for the metadata
 * @param levels the feature levels that this node supports
 */
public record ReplicaSettings(
        Duration proposalTimeout,
        Duration barrierTimeout,
        Duration maintenanceInterval,
        Duration producerLife,
        Duration groupLife,
        Duration incarnationGrace,
        long metadataBytes,
        FeatureLevels levels,
        LevelPolicy levelPolicy) {

    public static ReplicaSettings embedded(FeatureLevels levels) {
        return new ReplicaSettings(
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofDays(7),
                Duration.ofDays(7),
                Duration.ZERO,
                Long.MAX_VALUE,
                levels,
                LevelPolicy.AUTOMATIC);
    }

    public static ReplicaSettings cluster(Duration incarnationGrace, FeatureLevels levels) {
        return new ReplicaSettings(
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                Duration.ofDays(7),
                Duration.ofDays(7),
                incarnationGrace,
                Long.MAX_VALUE,
                levels,
                LevelPolicy.ON_REQUEST);
    }

    public ReplicaSettings withGroupLife(Duration life) {
        return new ReplicaSettings(
                proposalTimeout,
                barrierTimeout,
                maintenanceInterval,
                producerLife,
                life,
                incarnationGrace,
                metadataBytes,
                levels,
                levelPolicy);
    }

    public ReplicaSettings withMetadataBytes(long bytes) {
        return new ReplicaSettings(
                proposalTimeout,
                barrierTimeout,
                maintenanceInterval,
                producerLife,
                groupLife,
                incarnationGrace,
                bytes,
                levels,
                levelPolicy);
    }
}
