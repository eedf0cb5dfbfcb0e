package io.millrace.metadata.log;

import java.time.Duration;

/**
 * Statistics of a metadata log.
 *
 * @param liveBytes the size of the entries that are not archived yet
 * @param seals the number of epochs sealed since the log was opened
 * @param archives the number of archives in the bucket
 * @param stale the time since this process last received an entry or a confirmation that there is
 *     no newer entry
 */
public record LogStatistics(long liveBytes, long seals, int archives, Duration stale) {

    /** Returns the statistics of a log with a single process, which is never stale. */
    public static LogStatistics ofSingleProcess(long liveBytes, long seals, int archives) {
        return new LogStatistics(liveBytes, seals, archives, Duration.ZERO);
    }
}
