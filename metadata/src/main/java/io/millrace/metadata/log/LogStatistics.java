package io.millrace.metadata.log;

import java.time.Duration;
import java.util.Optional;

/**
 * Statistics of a metadata log.
 *
 * @param liveBytes the size of unarchived entries
 * @param seals the number since the log was opened
 * @param stale the time since the last entry, or confirmation that no newer entry exists
 * @param dispute the cause, effect and action while the nodes' states differ and none has a
 *     majority, so that nothing is sealed
 */
public record LogStatistics(
        long liveBytes, long seals, int archives, Duration stale, Optional<String> dispute) {

    public static LogStatistics ofSingleProcess(long liveBytes, long seals, int archives) {
        return new LogStatistics(liveBytes, seals, archives, Duration.ZERO, Optional.empty());
    }
}
