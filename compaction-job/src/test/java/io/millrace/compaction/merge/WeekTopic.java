package io.millrace.compaction.merge;

/**
 * Model of a topic with equal load on all partitions.
 *
 * @param bytesPerMs production rate of each partition
 * @param batchBytes size of one batch
 * @param trimEveryMs interval of complete trims; 0 for none
 */
public record WeekTopic(
        long id,
        int partitions,
        double bytesPerMs,
        int batchBytes,
        long retentionMs,
        long trimEveryMs) {

    /** Returns the upload time of the oldest kept records. */
    long cutMs(long nowMs) {
        long trimmed = trimEveryMs == 0 ? 0 : nowMs / trimEveryMs * trimEveryMs;
        return Math.max(trimmed, nowMs - retentionMs);
    }

    /** Returns the number of bytes that retention keeps. */
    double keptBytes(long nowMs) {
        return partitions * bytesPerMs * (nowMs - Math.max(0, cutMs(nowMs)));
    }

    RetentionClass retention() {
        return new RetentionClass(true, false, retentionMs, -1);
    }
}
