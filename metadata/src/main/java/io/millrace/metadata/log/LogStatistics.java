package io.millrace.metadata.log;

import java.time.Duration;
import java.util.Optional;

/**
 * Statistics of a metadata log.
 *
 * @param liveBytes the size of unarchived entries
 * @param seals the number since the log was opened
 * @param uncovered the number of archives after the last checkpoint
 * @param stale the time since the last entry, or confirmation that no newer entry exists
 * @param restorableAge the time since the first entry arrived that is in no archive; zero if all
 *     are. These entries are lost if etcd is lost
 * @param dispute the cause, effect and action while the nodes' states differ and none has a
 *     majority, so that nothing is sealed
 */
public record LogStatistics(
        long liveBytes,
        long seals,
        int archives,
        int uncovered,
        Duration stale,
        Duration restorableAge,
        Optional<String> dispute) {

    /** The statistics of a log that was not opened yet. */
    public static final LogStatistics NONE = ofSingleProcess(0, 0, LogManifest.EMPTY);

    public static LogStatistics ofSingleProcess(long liveBytes, long seals, LogManifest manifest) {
        return new LogStatistics(
                liveBytes,
                seals,
                manifest.archives().size(),
                manifest.uncovered().size(),
                Duration.ZERO,
                Duration.ZERO,
                Optional.empty());
    }
}
