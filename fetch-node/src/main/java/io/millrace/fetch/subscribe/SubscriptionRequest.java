package io.millrace.fetch.subscribe;

import io.millrace.group.JoinRequest;
import java.time.Duration;

/**
 * The opening request of a subscription. Immutable.
 *
 * @param join the group to join, with the topics; an empty group name for none
 * @param start the start position in partitions without a committed offset
 * @param outOfRange the new position when the current position is out of range
 */
public record SubscriptionRequest(JoinRequest join, StartPosition start, StartPosition outOfRange) {

    private static final Duration LONGEST_HEARTBEAT_INTERVAL = Duration.ofSeconds(8);

    boolean isOfGroup() {
        return !join.group().isEmpty();
    }

    /** Returns the maximum time between heartbeats, at most a third of the session timeout. */
    Duration heartbeatInterval() {
        Duration third = join.details().sessionTimeout().dividedBy(3);
        return third.compareTo(LONGEST_HEARTBEAT_INTERVAL) < 0 ? third : LONGEST_HEARTBEAT_INTERVAL;
    }
}
