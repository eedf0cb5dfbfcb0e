package io.millrace.fetch.chunk;

/**
 * Limits of a fetch node.
 *
 * @param chunkCacheBytes memory for loaded chunks; loads in flight and their parts take up to twice
 *     {@code maxLoadBytes} more
 * @param chunkBytes a multiple of 64 KiB
 * @param maxLoads the limit of GETs in flight, and of requests to peers; further loads are queued
 * @param maxLoadBytes the limit of bytes in flight, for GETs and for requests to peers each
 * @param readAheadChunks the limit of chunks loaded ahead of a sequential reader; 0 for none
 * @param maxWaitingFetches the limit of open fetches, which the readers share; further fetches are
 *     rejected as OVERLOADED
 * @param maxReplyBytes the limit of bytes in replies; replies shrink near the limit, and fetches
 *     are rejected as OVERLOADED at the limit
 */
public record FetchSettings(
        String cluster,
        long recentWriteCacheBytes,
        long chunkCacheBytes,
        int chunkBytes,
        int maxLoads,
        long maxLoadBytes,
        int readAheadChunks,
        int maxWaitingFetches,
        long maxReplyBytes) {

    public static final int PAGE_BYTES = 64 << 10;

    /**
     * Just under 1 MiB, because an array of 1 MiB plus its header would occupy two heap regions.
     */
    private static final int CHUNK_BYTES = 15 * PAGE_BYTES;

    /** When a third is left, the other 15 MiB are loaded by one GET. */
    private static final int READ_AHEAD_CHUNKS = 24;

    public FetchSettings {
        if (recentWriteCacheBytes < 0 || chunkCacheBytes < 0) {
            throw new IllegalArgumentException("fetch caches: sizes must not be negative");
        }
        if (chunkBytes < PAGE_BYTES || chunkBytes % PAGE_BYTES != 0) {
            throw new IllegalArgumentException(
                    "fetch chunk size: must be a multiple of 64 KiB, is " + chunkBytes);
        }
        if (maxLoads < 1
                || maxLoadBytes < 1
                || readAheadChunks < 0
                || maxWaitingFetches < 1
                || maxReplyBytes < 1) {
            throw new IllegalArgumentException(
                    "fetch limits: loads, waiting fetches and reply bytes must be positive");
        }
    }

    /** Returns these settings with another limit of bytes in replies. */
    public FetchSettings withMaxReplyBytes(long bytes) {
        return new FetchSettings(
                cluster,
                recentWriteCacheBytes,
                chunkCacheBytes,
                chunkBytes,
                maxLoads,
                maxLoadBytes,
                readAheadChunks,
                maxWaitingFetches,
                bytes);
    }

    /** Returns settings with defaults; the caller derives the limit of replies from the heap. */
    public static FetchSettings of(String cluster, long hotCacheBytes, long coldCacheBytes) {
        return new FetchSettings(
                cluster,
                hotCacheBytes,
                coldCacheBytes,
                CHUNK_BYTES,
                64,
                16L * CHUNK_BYTES,
                READ_AHEAD_CHUNKS,
                20_000,
                128L << 20);
    }
}
