package io.millrace.client.cluster;

import java.time.Duration;

/**
 * Limits on the silence of a node that has pending requests.
 *
 * @param checkInterval the interval between checks of pending requests
 * @param suspect the silence after which a node is probed: a healthy node responds sooner, except
 *     in the worst moments of its bucket or of a coordinator
 * @param answer the time that a probed node has to respond
 * @param unserved the silence after which a live node counts as cut off from its dependencies, so
 *     that different nodes are used
 */
public record SilenceLimits(
        Duration checkInterval, Duration suspect, Duration answer, Duration unserved) {

    /** The limits of all clients except in tests. */
    public static final SilenceLimits DEFAULT =
            new SilenceLimits(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10));
}
