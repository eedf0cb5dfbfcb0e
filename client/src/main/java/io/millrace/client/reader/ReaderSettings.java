package io.millrace.client.reader;

import io.millrace.client.record.UndecodablePolicy;
import java.time.Duration;

/**
 * The settings of a reader's fetches.
 *
 * @param fetchBytes the maximum size of a fetch over all partitions; at most 64 MiB
 * @param prefetchBytes the buffered bytes below which the next fetch is sent; memory is bounded by
 *     this plus one fetch from each node
 * @param minBytes the size for which a fetch waits
 * @param maxWait the maximum wait for {@code minBytes}; at most 60 s
 * @param unreachableAfter the duration of an outage, of a node or of a single partition, after
 *     which {@code poll} throws
 * @param undecodable the policy for batches whose records cannot be decoded
 * @param source the source from which nodes read batches
 */
public record ReaderSettings(
        int fetchBytes,
        long prefetchBytes,
        int minBytes,
        Duration maxWait,
        Duration unreachableAfter,
        UndecodablePolicy undecodable,
        Source source) {

    /** The source from which nodes read batches. */
    public enum Source {
        NEAREST,
        /** The bucket, even if a node has the batches in memory: slow, for audits. */
        BUCKET
    }

    private static final int MIB = 1024 * 1024;

    public ReaderSettings {
        if (fetchBytes < 1 || fetchBytes > 64 * MIB) {
            throw new IllegalArgumentException("fetchBytes must be 1 to 64 MiB, not " + fetchBytes);
        }
        if (maxWait.isNegative() || maxWait.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("maxWait must be 0 to 60 s, not " + maxWait);
        }
    }

    public static ReaderSettings defaults() {
        return new ReaderSettings(
                4 * MIB,
                16L * MIB,
                1,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                UndecodablePolicy.STOP,
                Source.NEAREST);
    }

    public ReaderSettings withFetchBytes(int bytes) {
        return new ReaderSettings(
                bytes, prefetchBytes, minBytes, maxWait, unreachableAfter, undecodable, source);
    }

    public ReaderSettings withPrefetchBytes(long bytes) {
        return new ReaderSettings(
                fetchBytes, bytes, minBytes, maxWait, unreachableAfter, undecodable, source);
    }

    public ReaderSettings withMaxWait(Duration wait) {
        return new ReaderSettings(
                fetchBytes, prefetchBytes, minBytes, wait, unreachableAfter, undecodable, source);
    }

    public ReaderSettings withUnreachableAfter(Duration after) {
        return new ReaderSettings(
                fetchBytes, prefetchBytes, minBytes, maxWait, after, undecodable, source);
    }

    public ReaderSettings withUndecodable(UndecodablePolicy policy) {
        return new ReaderSettings(
                fetchBytes, prefetchBytes, minBytes, maxWait, unreachableAfter, policy, source);
    }

    public ReaderSettings withSource(Source from) {
        return new ReaderSettings(
                fetchBytes, prefetchBytes, minBytes, maxWait, unreachableAfter, undecodable, from);
    }
}
