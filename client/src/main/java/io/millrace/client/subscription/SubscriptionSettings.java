package io.millrace.client.subscription;

import io.millrace.client.partition.StartPosition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription reads, as whom, and how. Immutable.
 *
 * @param group the group whose work it shares, 1 to 255 bytes; empty to read all partitions without
 *     a group, which commits nothing
 * @param topics names of topics, which must exist
 * @param pattern of topic names in addition (syntax of RE2), also of those that are created later;
 *     empty for none
 * @param assignor how the group's partitions are shared out
 * @param sessionTimeout after so long without a word from it, the group gives its partitions to
 *     others; 1 s to 30 min
 * @param releaseTimeout so long it may take to finish with a partition that the group wants back,
 *     before it is removed from the group; up to 30 min
 * @param instanceId what it is called after each restart, unique in the group, so that it keeps its
 *     partitions if it is back within the session timeout, be it closed or killed; empty for none.
 *     A subscription whose instance another one joins as ends with INSTANCE_REPLACED
 * @param clientId a name for people who look at the group; may be empty
 * @param start where to begin in a partition for which the group has no commit; not an offset
 * @param outOfRange where to go on when retention removed what was to be read next; null to report
 *     it by {@link SubscriptionListener#failed}; not an offset
 * @param commits when to commit
 * @param commitInterval how often, with {@link CommitMode#AFTER_HANDLING}
 * @param bufferBytes of batches that may wait or be with a handler; one batch more may come
 * @param bufferRecords likewise, in records
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
        long bufferRecords) {

    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final int LONGEST_GROUP_BYTES = 255;

    public SubscriptionSettings {
        topics = List.copyOf(topics);
        if (topics.isEmpty() && pattern.isEmpty()) {
            throw new IllegalArgumentException("A subscription names a topic or has a pattern");
        }
        if (group.getBytes(StandardCharsets.UTF_8).length > LONGEST_GROUP_BYTES) {
            throw new IllegalArgumentException(
                    "group has at most %d bytes".formatted(LONGEST_GROUP_BYTES));
        }
        if (group.isEmpty() && commits != CommitMode.MANUAL) {
            commits = CommitMode.MANUAL;
        }
        if (sessionTimeout.compareTo(Duration.ofSeconds(1)) < 0
                || sessionTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "sessionTimeout is 1 s to 30 min, not " + sessionTimeout);
        }
        if (releaseTimeout.toMillis() < 1 || releaseTimeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "releaseTimeout is 1 ms to 30 min, not " + releaseTimeout);
        }
        if (commitInterval.toMillis() < 1) {
            throw new IllegalArgumentException("commitInterval is at least 1 ms");
        }
        if (start instanceof StartPosition.Offset || outOfRange instanceof StartPosition.Offset) {
            throw new IllegalArgumentException(
                    "start and outOfRange are for all partitions, so they are no offsets");
        }
        if (bufferBytes < 1 || bufferRecords < 1) {
            throw new IllegalArgumentException("bufferBytes and bufferRecords are at least 1");
        }
    }

    /** Whether it shares the work of a group. */
    public boolean hasGroup() {
        return !group.isEmpty();
    }

    /**
     * A builder with the defaults: sticky, a session timeout of 45 s, from the beginning, commits
     * each second what was handled, and 32 MiB of memory.
     */
    public static Builder of(String group, Collection<String> topics) {
        return new Builder(group, topics);
    }

    /** The same for a subscription without a group: it reads all partitions. */
    public static Builder withoutGroup(Collection<String> topics) {
        return new Builder("", topics);
    }

    /** Starts with the defaults. */
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

        /** Goes on there when retention removed what was to be read next. */
        public Builder outOfRange(StartPosition where) {
            outOfRange = where;
            return this;
        }

        /** Reports a partition as failed when retention removed what was to be read next. */
        public Builder failOutOfRange() {
            outOfRange = null;
            return this;
        }

        /** Commits what was handled so often. */
        public Builder commitEvery(Duration interval) {
            commits = CommitMode.AFTER_HANDLING;
            commitInterval = interval;
            return this;
        }

        /** Commits before it hands over: at most once. */
        public Builder atMostOnce() {
            commits = CommitMode.BEFORE_HANDLING;
            return this;
        }

        /** Commits only what it is told to. */
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
                    bufferRecords);
        }
    }
}
