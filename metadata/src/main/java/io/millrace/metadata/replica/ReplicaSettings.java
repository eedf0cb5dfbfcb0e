package io.millrace.metadata.replica;

import java.time.Duration;

/**
 * Settings of a replica.
 *
 * @param proposalTimeout how long a proposal may wait before its outcome counts as unknown
 * @param barrierTimeout how long a barrier may wait
 * @param maintenanceInterval time between looks at the log's age and size
 * @param producerLife an idempotent producer that wrote nothing for so long may be forgotten
 * @param soleWriter no other process writes this log, so incarnations of earlier starts are closed
 *     when it is opened
 */
public record ReplicaSettings(
        Duration proposalTimeout,
        Duration barrierTimeout,
        Duration maintenanceInterval,
        Duration producerLife,
        boolean soleWriter) {

    /** What suits a single process. */
    public static final ReplicaSettings EMBEDDED =
            new ReplicaSettings(
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(1),
                    Duration.ofDays(7),
                    true);
}
