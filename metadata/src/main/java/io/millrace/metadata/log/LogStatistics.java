package io.millrace.metadata.log;

import java.time.Duration;

/**
 * Statistics of a metadata log.
 *
 * @param liveBytes the size of unarchived entries
 * @param seals the number since the log was opened
 * @param stale the time since the last entry, or confirmation that no newer entry exists
 */
public record LogStatistics(long liveBytes, long seals, int archives, Duration stale) {

    public static LogStatistics ofSingleProcess(long liveBytes, long seals, int archives) {
        return new LogStatistics(liveBytes, seals, archives, Duration.ZERO);
    }
}
