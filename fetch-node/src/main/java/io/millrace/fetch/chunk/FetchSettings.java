package io.millrace.fetch.chunk;

/**
 * What a fetch node may use.
 *
 * @param cluster the cluster's name, a part of the keys of its objects
 * @param hotCacheBytes memory for whole objects that this process just wrote
 * @param coldCacheBytes memory for chunks loaded from the bucket; on top of it come at most twice
 *     {@code maxLoadBytes}: what is being loaded, and the pieces into which it is cut
 * @param chunkBytes what is loaded at least; a multiple of 64 KiB, the size of a page
 * @param maxLoads GETs in flight, and as many questions to other fetch nodes of the zone; more wait
 *     their turn
 * @param maxLoadBytes bytes of either in flight
 * @param readAheadChunks chunks loaded ahead of a reader that reads in order, if memory allows; 0
 *     for none
 * @param maxWaitingFetches long polls at once, of which each subscriber with credit has one; more
 *     are refused as OVERLOADED
 * @param maxReplyBytes bytes in replies being assembled; replies get smaller as it runs out, and
 *     fetches are refused as OVERLOADED when it has
 */
public record FetchSettings(
        String cluster,
        long hotCacheBytes,
        long coldCacheBytes,
        int chunkBytes,
        int maxLoads,
        long maxLoadBytes,
        int readAheadChunks,
        int maxWaitingFetches,
        long maxReplyBytes) {

    public static final int PAGE_BYTES = 64 << 10;

    /**
     * Just under 1 MiB: with its header, an array of 1 MiB would take two of the heap's regions.
     */
    private static final int CHUNK_BYTES = 15 * PAGE_BYTES;

    /** Once a third of it is left, the other two thirds are loaded: 15 MiB by one GET. */
    private static final int READ_AHEAD_CHUNKS = 24;

    public FetchSettings {
        if (hotCacheBytes < 0 || coldCacheBytes < 0) {
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

    /** Those budgets, and for the rest what suits a process of 768 MiB. */
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
