package io.millrace.metadata.log;

import java.time.Duration;

/**
 * What a log can say of itself.
 *
 * @param liveBytes of the entries that are in no archive yet
 * @param seals epochs sealed since it was opened
 * @param archives kept in the bucket
 * @param stale for how long nobody has told this process of new entries, or that there are none
 */
public record LogFigures(long liveBytes, long seals, int archives, Duration stale) {

    /** Of a log that is this process's own, which always has all of it. */
    public static LogFigures own(long liveBytes, long seals, int archives) {
        return new LogFigures(liveBytes, seals, archives, Duration.ZERO);
    }
}
