package io.millrace.compaction.retention;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.TopicSettings;
import java.util.OptionalLong;

/** Says where the log of a partition should begin. Pure. */
final class RetentionPlan {

    private RetentionPlan() {}

    /**
     * The offset at which the log should begin, if that is later than it does.
     *
     * <p>What counts is the newest record of each extent: one whose newest is older than {@code
     * retention.ms} goes, unless one in front of it is younger. A record that claims to be of the
     * future is as old as its block. By size, the oldest extents go as long as the rest has {@code
     * retention.bytes} or more.
     *
     * @param log asked on the loop that owns it
     * @param settings of its topic
     * @param nowMs milliseconds since 1970
     * @return empty if nothing is to go
     */
    static OptionalLong start(PartitionLog log, TopicSettings settings, long nowMs) {
        if (!settings.deleted()) {
            return OptionalLong.empty();
        }
        long start = log.logStartOffset();
        if (settings.retentionMs() >= 0) {
            start = Math.max(start, log.startKeptSince(nowMs - settings.retentionMs()));
        }
        if (settings.retentionBytes() >= 0) {
            start = Math.max(start, log.startKeptWithin(settings.retentionBytes()));
        }
        return start > log.logStartOffset() ? OptionalLong.of(start) : OptionalLong.empty();
    }
}
