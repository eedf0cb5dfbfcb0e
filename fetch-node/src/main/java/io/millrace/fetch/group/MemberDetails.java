package io.millrace.fetch.group;

import java.time.Duration;

/**
 * What a coordinator, and the one after it, must know of a member. Immutable.
 *
 * @param subscription what it wants to read
 * @param assignor how partitions are shared out; the members of a group must agree
 * @param sessionTimeout how long the group waits for it when it is silent, 1 s to 30 min
 * @param releaseTimeout how long the group waits for it to let go of a partition that it is to give
 *     up, up to 30 min
 * @param zone where it runs; empty if it does not know
 * @param clientId what it calls itself, for people; may be empty
 */
public record MemberDetails(
        Subscription subscription,
        Assignor assignor,
        Duration sessionTimeout,
        Duration releaseTimeout,
        String zone,
        String clientId) {

    public static final Duration LEAST_SESSION_TIMEOUT = Duration.ofSeconds(1);

    public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(30);
}
