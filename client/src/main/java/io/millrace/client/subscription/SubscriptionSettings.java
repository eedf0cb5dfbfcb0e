package io.millrace.client.subscription;

import io.millrace.client.partition.StartPosition;
import io.millrace.client.record.UndecodablePolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a subscription. Immutable.
 *
 * @param group the id of the consumer group, 1 to 255 bytes; empty to read all partitions without
 *     commits
 * @param topics the names of the topics, which must exist
 * @param pattern an additional pattern of topic names (RE2 syntax), which also matches topics
 *     created later; may be empty
 * @param sessionTimeout the silence after which the group reassigns the member's partitions; 1 s to
 *     30 min
 * @param releaseTimeout the time to release a revoked partition before the group removes the
 *     member; 1 ms to 30 min
 * @param instanceId the stable id of a static member, unique in the group; empty for a dynamic
 *     member. A member that returns within the session timeout keeps its partitions. A newer member
 *     with the same id ends the subscription with INSTANCE_REPLACED
 * @param clientId a name for operators; may be empty
 * @param start the position without a committed offset; not an offset
 * @param outOfRange the position if retention removed the next record; null to call {@link
 *     SubscriptionListener#failed}; not an offset
 * @param commitInterval the interval with {@link CommitMode#AFTER_HANDLING}, at least 1 ms
 * @param bufferBytes the maximum size of batches buffered or being handled; may be exceeded by one
 *     batch
 * @param bufferRecords the maximum number of records, like {@code bufferBytes}
 * @param undecodable the policy for batches whose records cannot be decoded; with STOP, such a
 *     batch ends the subscription
 */
public record SubscriptionSettings(
        String group,
        List<String> topics,
        String pattern,
        Assignor assignor,
        Duration sessionTimeout,
        Duration releaseTimeout,
        String instanceId,
        String clientId,
        StartPosition start,
        @Nullable StartPosition outOfRange,
        CommitMode commits,
        Duration commitInterval,
        long bufferBytes,
        long bufferRecords,
        UndecodablePolicy undecodable) {

    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(30);
    private static final int MAX_GROUP_BYTES = 255;

    public SubscriptionSettings {
        topics = List.copyOf(topics);
        if (topics.isEmpty() && pattern.isEmpty()) {
            throw new IllegalArgumentException("A subscription must have a topic or a pattern");
        }
        if (group.getBytes(StandardCharsets.UTF_8).length > MAX_GROUP_BYTES) {
            throw new IllegalArgumentException(
                    "group must have at most %d bytes".formatted(MAX_GROUP_BYTES));
        }
        if (group.isEmpty() && commits != CommitMode.MANUAL) {
            commits = CommitMode.MANUAL;
        }
        if (sessionTimeout.compareTo(Duration.ofSeconds(1)) < 0
                || sessionTimeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "sessionTimeout must be 1 s to 30 min, not " + sessionTimeout);
        }
        if (releaseTimeout.toMillis() < 1 || releaseTimeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "releaseTimeout must be 1 ms to 30 min, not " + releaseTimeout);
        }
        if (commitInterval.toMillis() < 1) {
            throw new IllegalArgumentException("commitInterval must be at least 1 ms");
        }
        if (start instanceof StartPosition.Offset || outOfRange instanceof StartPosition.Offset) {
            throw new IllegalArgumentException(
                    "start and outOfRange apply to all partitions, so they must not be offsets");
        }
        if (bufferBytes < 1 || bufferRecords < 1) {
            throw new IllegalArgumentException("bufferBytes and bufferRecords must be at least 1");
        }
    }

    public boolean hasGroup() {
        return !group.isEmpty();
    }

    /**
     * Returns a builder with sticky assignment, a session timeout of 45 s, commits of handled
     * records each second, and 32 MiB of memory. Starts at the beginning.
     */
    public static Builder of(String group, Collection<String> topics) {
        return new Builder(group, topics);
    }

    /** Returns a builder for a subscription without a group, which reads all partitions. */
    public static Builder withoutGroup(Collection<String> topics) {
        return new Builder("", topics);
    }

    /** A builder that starts with the defaults. */
    public static final class Builder {
        private final String group;
        private final List<String> topics;
        private String pattern = "";
        private Assignor assignor = Assignor.STICKY;
        private Duration sessionTimeout = Duration.ofSeconds(45);
        private Duration releaseTimeout = Duration.ofSeconds(60);
        private String instanceId = "";
        private String clientId = "";
        private StartPosition start = StartPosition.beginning();
        private @Nullable StartPosition outOfRange = StartPosition.beginning();
        private CommitMode commits = CommitMode.AFTER_HANDLING;
        private Duration commitInterval = Duration.ofSeconds(1);
        private long bufferBytes = 32L * 1024 * 1024;
        private long bufferRecords = 1_000_000;
        private UndecodablePolicy undecodable = UndecodablePolicy.STOP;

        private Builder(String group, Collection<String> topics) {
            this.group = group;
            this.topics = List.copyOf(topics);
        }

        public Builder pattern(String re2) {
            pattern = re2;
            return this;
        }

        public Builder assignor(Assignor choice) {
            assignor = choice;
            return this;
        }

        public Builder sessionTimeout(Duration duration) {
            sessionTimeout = duration;
            return this;
        }

        public Builder releaseTimeout(Duration duration) {
            releaseTimeout = duration;
            return this;
        }

        public Builder instanceId(String id) {
            instanceId = id;
            return this;
        }

        public Builder clientId(String id) {
            clientId = id;
            return this;
        }

        public Builder start(StartPosition where) {
            start = where;
            return this;
        }

        public Builder outOfRange(StartPosition where) {
            outOfRange = where;
            return this;
        }

        /** Calls {@link SubscriptionListener#failed} if retention removed the next record. */
        public Builder failOutOfRange() {
            outOfRange = null;
            return this;
        }

        public Builder commitEvery(Duration interval) {
            commits = CommitMode.AFTER_HANDLING;
            commitInterval = interval;
            return this;
        }

        public Builder atMostOnce() {
            commits = CommitMode.BEFORE_HANDLING;
            return this;
        }

        public Builder commitManually() {
            commits = CommitMode.MANUAL;
            return this;
        }

        public Builder bufferBytes(long bytes) {
            bufferBytes = bytes;
            return this;
        }

        public Builder bufferRecords(long records) {
            bufferRecords = records;
            return this;
        }

        public Builder undecodable(UndecodablePolicy policy) {
            undecodable = policy;
            return this;
        }

        public SubscriptionSettings build() {
            return new SubscriptionSettings(
                    group,
                    topics,
                    pattern,
                    assignor,
                    sessionTimeout,
                    releaseTimeout,
                    instanceId,
                    clientId,
                    start,
                    outOfRange,
                    commits,
                    commitInterval,
                    bufferBytes,
                    bufferRecords,
                    undecodable);
        }
    }
}
