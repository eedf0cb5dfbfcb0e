package io.millrace.server.health;

import java.time.Duration;
import java.util.Optional;

/**
 * Facts about a node that decide on its health. All durations are zero without a problem.
 *
 * @param loopSilence the time since the slowest event loop last ran a task
 * @param metadataAge the time since etcd last sent entries or confirmed that there are none
 * @param readOutage the time for which all reads from the bucket have failed
 * @param writeOutage the time for which all writes to the bucket have failed
 * @param dispute the cause, effect and action while the nodes' metadata differs without a majority
 */
public record HealthFacts(
        Phase phase,
        Duration loopSilence,
        Duration metadataAge,
        Duration readOutage,
        Duration writeOutage,
        Optional<String> dispute) {

    /** A part of the life of a process. */
    public enum Phase {
        STARTING,
        SERVING,
        STOPPING
    }

    /** Returns the facts of a process that serves no requests. */
    public static HealthFacts of(Phase phase) {
        return new HealthFacts(
                phase,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Optional.empty());
    }
}
