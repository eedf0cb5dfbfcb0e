package io.millrace.client.cluster;

import java.time.Duration;

/**
 * The limits on the silence of a node that has pending requests.
 *
 * @param suspect the silence after which a node is probed
 * @param answer the time for the response to a probe
 * @param unserved the silence after which a live node counts as cut off from its dependencies
 */
public record SilenceLimits(
        Duration checkInterval, Duration suspect, Duration answer, Duration unserved) {

    public static final SilenceLimits DEFAULT =
            new SilenceLimits(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10));
}
