package io.millrace.compaction.retention;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.TopicSettings;
import java.util.OptionalLong;

/** Computes the log start offset of a partition by its retention. Pure. */
final class RetentionPlan {

    private RetentionPlan() {}

    /**
     * Returns the log start offset, if later than the current offset.
     *
     * <p>By time, extents are deleted from the start while their newest record is older than {@code
     * retention.ms}. A record with a timestamp in the future is as old as its block. By size, the
     * oldest extents are deleted while the rest has at least {@code retention.bytes}.
     *
     * @param log read on the owning event loop
     * @param nowMs milliseconds since 1970; empty for retention by size alone
     */
    static OptionalLong start(PartitionLog log, TopicSettings settings, OptionalLong nowMs) {
        if (!settings.deletesOldRecords()) {
            return OptionalLong.empty();
        }
        long start = log.logStartOffset();
        if (settings.retentionMs() >= 0 && nowMs.isPresent()) {
            long sinceMs = nowMs.getAsLong() - settings.retentionMs();
            start = Math.max(start, log.startRetainedSince(sinceMs));
        }
        if (settings.retentionBytes() >= 0) {
            start = Math.max(start, log.startRetainedWithin(settings.retentionBytes()));
        }
        return start > log.logStartOffset() ? OptionalLong.of(start) : OptionalLong.empty();
    }
}
