package io.millrace.kafka.group;

import java.time.Duration;

/**
 * The times of consumer groups that nodes decide, not clients. The defaults are those of Kafka.
 *
 * @param initialDelay the time for which the first rebalance of an empty classic group waits for
 *     members
 * @param sessionTimeout the time without a heartbeat after which a member of KIP-848 is removed
 * @param heartbeatInterval the interval at which members of KIP-848 send heartbeats, shorter than
 *     the session timeout
 */
public record GroupTimes(
        Duration initialDelay, Duration sessionTimeout, Duration heartbeatInterval) {

    public static final GroupTimes DEFAULT =
            new GroupTimes(Duration.ofSeconds(3), Duration.ofSeconds(45), Duration.ofSeconds(5));

    public GroupTimes {
        if (heartbeatInterval.compareTo(sessionTimeout) >= 0) {
            throw new IllegalArgumentException(
                    "heartbeats every %s and a session timeout of %s"
                            .formatted(heartbeatInterval, sessionTimeout));
        }
    }
}
