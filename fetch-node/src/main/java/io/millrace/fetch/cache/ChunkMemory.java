package io.millrace.fetch.cache;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chunks in memory, bounded by their bytes. What the followers of the ends of partitions read is
 * kept apart from what those read who catch up: these have a half for themselves, and what the
 * followers leave free, but push nothing of theirs out. In both parts the chunk that was not read
 * for longest goes first.
 *
 * <p>That is not what a cache that weighs how often things are read would keep: all consumers read
 * a chunk at nearly the same time and as often as any other, so what was just loaded would go for
 * what nobody wants any more. Owned by the fetch node's loop.
 */
final class ChunkMemory {

    private static final int SHARE_OF_PAST = 2;

    private final long budgetBytes;
    private final Part recent = new Part();
    private final Part past = new Part();

    ChunkMemory(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /**
     * A chunk, if it is here; this counts as reading it.
     *
     * @param following whether whoever reads it follows the end of a partition
     */
    @Nullable Chunk find(ChunkKey key, boolean following) {
        Chunk chunk = recent.find(key);
        if (chunk != null) {
            return chunk;
        }
        chunk = past.find(key);
        if (chunk != null && following) {
            past.remove(key);
            recent.add(key, chunk);
        }
        return chunk;
    }

    /** Whether a chunk is here; this does not count as reading it. */
    boolean has(ChunkKey key) {
        return recent.has(key) || past.has(key);
    }

    /**
     * Keeps a chunk that is not here yet, unless it is larger than the whole budget; as one of
     * those who catch up, until a follower reads it.
     */
    void add(ChunkKey key, Chunk chunk) {
        if (chunk.bytes().length > budgetBytes || has(key)) {
            return;
        }
        past.add(key, chunk);
        while (bytes() > budgetBytes) {
            boolean pastHasTooMuch =
                    past.bytes > budgetBytes / SHARE_OF_PAST || recent.chunks.isEmpty();
            (pastHasTooMuch ? past : recent).removeOldest();
        }
    }

    /** Bytes of all chunks here. */
    long bytes() {
        return recent.bytes + past.bytes;
    }

    /** Chunks in the order in which they were last read. */
    private static final class Part {

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
