package io.millrace.fetch.subscribe;

import io.millrace.group.JoinRequest;
import java.time.Duration;

/**
 * The opening request of a subscription.
 *
 * @param join the topics and the group, with an empty name for none
 * @param start the position in partitions without a committed offset
 */
public record SubscriptionRequest(JoinRequest join, StartPosition start, StartPosition outOfRange) {

    private static final Duration LONGEST_HEARTBEAT_INTERVAL = Duration.ofSeconds(8);

    boolean isOfGroup() {
        return !join.group().isEmpty();
    }

    /** Returns at most a third of the session timeout. */
    Duration heartbeatInterval() {
        Duration third = join.details().sessionTimeout().dividedBy(3);
        return third.compareTo(LONGEST_HEARTBEAT_INTERVAL) < 0 ? third : LONGEST_HEARTBEAT_INTERVAL;
    }
}
