package io.millrace.metadata.replica;

import java.time.Duration;

/**
 * Settings of a replica.
 *
 * @param proposalTimeout how long a proposal may wait before its outcome counts as unknown
 * @param barrierTimeout how long a barrier may wait
 * @param maintenanceInterval time between looks at the log's age and size
 * @param producerLife an idempotent producer that wrote nothing for so long may be forgotten
 * @param incarnationGrace an incarnation of no live node is closed after so long
 */
public record ReplicaSettings(
        Duration proposalTimeout,
        Duration barrierTimeout,
        Duration maintenanceInterval,
        Duration producerLife,
        Duration incarnationGrace) {

    /** What suits a single process. */
    public static final ReplicaSettings EMBEDDED =
            new ReplicaSettings(
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(1),
                    Duration.ofDays(7),
                    Duration.ZERO);

    /** What suits a node of a cluster. */
    public static final ReplicaSettings CLUSTER =
            new ReplicaSettings(
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofMillis(500),
                    Duration.ofDays(7),
                    Duration.ofSeconds(10));
}
