package io.millrace.kafka.fetch;

/**
 * Limits of fetches.
 *
 * @param sessions the maximum number of fetch sessions
 * @param sessionPartitions the maximum number of partitions in all sessions
 * @param answerBytes the limit of bytes in one answer, exceeded only by its first batch
 * @param unreadBytes the limit of bytes in answers that clients have not read
 */
public record FetchLimits(int sessions, int sessionPartitions, int answerBytes, long unreadBytes) {

    /**
     * Returns the limits for a node.
     *
     * @param unreadBytes the limit of bytes in answers that clients have not read
     */
    public static FetchLimits of(long unreadBytes) {
        return new FetchLimits(5_000, 200_000, 16 << 20, unreadBytes);
    }
}
