package io.millrace.client.reader;

import java.time.Duration;

/**
 * How a reader fetches.
 *
 * @param fetchBytes bytes that one fetch asks for, over all partitions; at most 64 MiB
 * @param prefetchBytes bytes that may wait to be polled; the next fetch is sent before they are, so
 *     memory is bounded by this and one fetch more
 * @param minBytes bytes that a fetch waits for
 * @param maxWait how long a fetch waits for them; at most 60 s
 * @param unreachableAfter how long the server may stay away before {@code poll} throws; until then
 *     the reader reconnects and resumes by itself
 */
public record ReaderSettings(
        int fetchBytes,
        long prefetchBytes,
        int minBytes,
        Duration maxWait,
        Duration unreachableAfter) {

    private static final int MIB = 1024 * 1024;

    public ReaderSettings {
        if (fetchBytes < 1 || fetchBytes > 64 * MIB) {
            throw new IllegalArgumentException("fetchBytes is 1 to 64 MiB, not " + fetchBytes);
        }
        if (maxWait.isNegative() || maxWait.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("maxWait is 0 to 60 s, not " + maxWait);
        }
    }

    public static ReaderSettings defaults() {
        return new ReaderSettings(
                4 * MIB, 16L * MIB, 1, Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    public ReaderSettings withFetchBytes(int bytes) {
        return new ReaderSettings(bytes, prefetchBytes, minBytes, maxWait, unreachableAfter);
    }

    public ReaderSettings withPrefetchBytes(long bytes) {
        return new ReaderSettings(fetchBytes, bytes, minBytes, maxWait, unreachableAfter);
    }

    public ReaderSettings withMaxWait(Duration wait) {
        return new ReaderSettings(fetchBytes, prefetchBytes, minBytes, wait, unreachableAfter);
    }

    public ReaderSettings withUnreachableAfter(Duration after) {
        return new ReaderSettings(fetchBytes, prefetchBytes, minBytes, maxWait, after);
    }
}
