package io.millrace.client.cluster;

import java.time.Duration;

/**
 * Limits on the silence of a node that has pending requests.
 *
 * @param checkInterval the interval between two looks at pending requests
 * @param suspect the silence after which a node is asked whether it is there: a node that works
 *     answers sooner, except in the worst moments of its bucket or of a coordinator
 * @param answer the time that such a node has for its answer
 * @param unserved the silence after which a node that is there counts as cut off from what it
 *     needs, so that other nodes are used
 */
public record SilenceLimits(
        Duration checkInterval, Duration suspect, Duration answer, Duration unserved) {

    /** The limits of every client but those of tests. */
    public static final SilenceLimits DEFAULT =
            new SilenceLimits(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10));
}
