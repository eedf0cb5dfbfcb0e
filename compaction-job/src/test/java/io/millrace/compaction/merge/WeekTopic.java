package io.millrace.compaction.merge;

/**
 * A topic of which every partition gets as much as any other.
 *
 * @param bytesPerMs that come for each partition
 * @param batchBytes of one batch
 * @param trimEveryMs all that is there is trimmed so often; 0 for never
 */
public record WeekTopic(
        long id,
        int partitions,
        double bytesPerMs,
        int batchBytes,
        long retentionMs,
        long trimEveryMs) {

    /** What is older than that is gone. */
    long cutMs(long nowMs) {
        long trimmed = trimEveryMs == 0 ? 0 : nowMs / trimEveryMs * trimEveryMs;
        return Math.max(trimmed, nowMs - retentionMs);
    }

    /** Bytes that retention keeps. */
    double keptBytes(long nowMs) {
        return partitions * bytesPerMs * (nowMs - Math.max(0, cutMs(nowMs)));
    }

    RetentionClass retention() {
        return new RetentionClass(true, false, retentionMs, -1);
    }
}
