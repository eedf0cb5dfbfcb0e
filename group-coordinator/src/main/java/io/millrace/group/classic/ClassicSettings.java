package io.millrace.group.classic;

import io.millrace.metadata.group.GroupLimits;
import java.time.Duration;

/**
 * The settings of classic groups. The defaults are those of Kafka.
 *
 * @param initialDelay the time for which the first rebalance of an empty group waits for members
 * @param newMemberTimeout the time after which a new member is removed whose rebalance is not over
 */
public record ClassicSettings(
        Duration minSessionTimeout,
        Duration maxSessionTimeout,
        Duration initialDelay,
        Duration newMemberTimeout,
        int maxMembers) {

    public static final ClassicSettings DEFAULT =
            new ClassicSettings(
                    Duration.ofSeconds(6),
                    Duration.ofMinutes(30),
                    Duration.ofSeconds(3),
                    Duration.ofMinutes(5),
                    GroupLimits.MAX_MEMBERS_PER_GROUP);

    /** Returns whether a member may have a session timeout. */
    public boolean allow(Duration sessionTimeout) {
        return sessionTimeout.compareTo(minSessionTimeout) >= 0
                && sessionTimeout.compareTo(maxSessionTimeout) <= 0;
    }

    /** Returns these settings with another initial delay. */
    public ClassicSettings withInitialDelay(Duration delay) {
        return new ClassicSettings(
                minSessionTimeout, maxSessionTimeout, delay, newMemberTimeout, maxMembers);
    }
}
