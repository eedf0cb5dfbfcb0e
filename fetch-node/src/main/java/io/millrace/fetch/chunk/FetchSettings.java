package io.millrace.fetch.chunk;

/**
 * Limits of a fetch node.
 *
 * @param recentWriteCacheBytes memory for whole objects recently written by this process
 * @param chunkCacheBytes memory for chunks loaded from the bucket; loads in flight and the parts
 *     cut from them take up to twice {@code maxLoadBytes} more
 * @param chunkBytes the size of a chunk, a multiple of the page size of 64 KiB
 * @param maxLoads the limit of GETs in flight, and of requests to fetch nodes of the zone; further
 *     loads are queued
 * @param maxLoadBytes the limit of bytes in flight, for GETs and for requests to fetch nodes each
 * @param readAheadChunks the number of chunks loaded ahead of a sequential reader, if memory
 *     allows; 0 for none
 * @param maxWaitingFetches the limit of long polls, one per subscriber with credit; further fetches
 *     are rejected as OVERLOADED
 * @param maxReplyBytes the limit of bytes in replies being assembled; replies shrink near the
 *     limit, and fetches are rejected as OVERLOADED at the limit
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
     * Default chunk size, just under 1 MiB: an array of 1 MiB plus its header would occupy two
     * regions of the heap.
     */
    private static final int CHUNK_BYTES = 15 * PAGE_BYTES;

    /**
     * Default read ahead. When a third is left, the other two thirds are loaded: 15 MiB by one GET.
     */
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

    /**
     * Returns settings with the given cache sizes, and otherwise defaults for a process of 768 MiB.
     */
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
