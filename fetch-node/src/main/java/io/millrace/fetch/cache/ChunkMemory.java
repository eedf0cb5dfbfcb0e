package io.millrace.fetch.cache;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chunks in two least-recently-used parts, bounded by bytes. Catch-up readers have half of the
 * budget, plus the part that readers at the end of a partition leave free. Owned by the fetch
 * node's event loop.
 *
 * <p>Eviction by frequency would evict new chunks, because all consumers read a chunk equally often
 * and at nearly the same time.
 */
final class ChunkMemory {

    private static final int CATCH_UP_DIVISOR = 2;

    private final long budgetBytes;
    private final LruPart tail = new LruPart();
    private final LruPart catchUp = new LruPart();

    ChunkMemory(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** Returns a chunk, if cached, and marks the chunk as read. */
    @Nullable Chunk find(ChunkKey key, boolean following) {
        Chunk chunk = tail.find(key);
        if (chunk != null) {
            return chunk;
        }
        chunk = catchUp.find(key);
        if (chunk != null && following) {
            catchUp.remove(key);
            tail.add(key, chunk);
        }
        return chunk;
    }

    /** Returns whether a chunk is cached, without marking the chunk as read. */
    boolean contains(ChunkKey key) {
        return tail.has(key) || catchUp.has(key);
    }

    /** Adds a chunk, unless larger than the budget, to the part of catch-up readers. */
    void add(ChunkKey key, Chunk chunk) {
        if (chunk.bytes().length > budgetBytes || contains(key)) {
            return;
        }
        catchUp.add(key, chunk);
        while (bytes() > budgetBytes) {
            boolean pastHasTooMuch =
                    catchUp.bytes > budgetBytes / CATCH_UP_DIVISOR || tail.chunks.isEmpty();
            (pastHasTooMuch ? catchUp : tail).removeOldest();
        }
    }

    long bytes() {
        return tail.bytes + catchUp.bytes;
    }

    private static final class LruPart {

        private final Map<ChunkKey, Chunk> chunks = new LinkedHashMap<>(16, 0.75f, true);
        private long bytes;

        @Nullable Chunk find(ChunkKey key) {
            return chunks.get(key);
        }

        boolean has(ChunkKey key) {
            return chunks.containsKey(key);
        }

        void add(ChunkKey key, Chunk chunk) {
            chunks.put(key, chunk);
            bytes += chunk.bytes().length;
        }

        void remove(ChunkKey key) {
            Chunk removed = chunks.remove(key);
            bytes -= removed == null ? 0 : removed.bytes().length;
        }

        void removeOldest() {
            Iterator<Chunk> oldest = chunks.values().iterator();
            bytes -= oldest.next().bytes().length;
            oldest.remove();
        }
    }
}
