package io.millrace.fetch.subscribe;

import io.millrace.group.JoinRequest;
import java.time.Duration;

/**
 * What a client wants to read, and as whom. Immutable.
 *
 * @param join names the group; empty for none
 * @param start where to begin in a partition for which the group has no committed offset
 * @param outOfRange where to go on when what was to be read next cannot be read any more
 */
public record SubscriptionRequest(JoinRequest join, StartPosition start, StartPosition outOfRange) {

    private static final Duration LONGEST_HEARTBEAT_INTERVAL = Duration.ofSeconds(8);

    /** Whether it shares the work with others. */
    boolean isOfGroup() {
        return !join.group().isEmpty();
    }

    /** How often the client must be heard of: three times in a session timeout or more. */
    Duration heartbeatInterval() {
        Duration third = join.details().sessionTimeout().dividedBy(3);
        return third.compareTo(LONGEST_HEARTBEAT_INTERVAL) < 0 ? third : LONGEST_HEARTBEAT_INTERVAL;
    }
}
