package io.millrace.fetch.disk;

import io.millrace.fetch.chunk.ChunkKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An index of chunk files that evicts by second chance: the oldest file not read since added or
 * last spared. Readers of a log follow each other at a distance, and would sweep a cache ordered by
 * last use.
 *
 * <p>Bounded by entries, and by bytes in blocks of 4 KiB. Pure; owned by the fetch node's event
 * loop.
 */
final class DiskIndex {

    private static final int BLOCK_BYTES = 4096;

    private enum FileState {
        WRITING,
        PRESENT,
        DAMAGED
    }

    /** A file, compared by identity, because a key may be removed and added again. */
    static final class IndexedFile {
        private final ChunkKey key;
        private final long fileBytes;
        private FileState state;
        private boolean read;

        private IndexedFile(ChunkKey key, long fileBytes, FileState state) {
            this.key = key;
            this.fileBytes = fileBytes;
            this.state = state;
        }

        ChunkKey key() {
            return key;
        }

        long fileBytes() {
            return fileBytes;
        }

        private long weight() {
            return (fileBytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        }
    }

    /** Permission to write a file after deletion of the victims. */
    record Admission(IndexedFile entry, List<IndexedFile> victims) {}

    private final long maxBytes;
    private final int maxEntries;
    private final LinkedHashMap<ChunkKey, IndexedFile> entries = new LinkedHashMap<>();
    private long bytes;

    DiskIndex(long maxBytes, int maxEntries) {
        this.maxBytes = maxBytes;
        this.maxEntries = maxEntries;
    }

    long bytes() {
        return bytes;
    }

    int size() {
        return entries.size();
    }

    /**
     * Adds a file found on the disk as the newest entry. Returns the files to delete, possibly
     * including the file itself.
     */
    List<IndexedFile> addExisting(ChunkKey key, long fileBytes) {
        IndexedFile entry = new IndexedFile(key, fileBytes, FileState.PRESENT);
        List<IndexedFile> victims = new ArrayList<>();
        if (entry.weight() > maxBytes) {
            victims.add(entry);
        } else {
            makeRoom(entry.weight(), victims);
            add(entry);
        }
        return victims;
    }

    /** Returns a readable file, marked as read; otherwise null. */
    @Nullable IndexedFile find(ChunkKey key) {
        IndexedFile entry = entries.get(key);
        if (entry == null || entry.state != FileState.PRESENT) {
            return null;
        }
        entry.read = true;
        return entry;
    }

    /** Reserves space; empty if the file exists, is being written, or exceeds the limit. */
    Optional<Admission> admit(ChunkKey key, long fileBytes) {
        IndexedFile present = entries.get(key);
        IndexedFile entry = new IndexedFile(key, fileBytes, FileState.WRITING);
        if ((present != null && present.state != FileState.DAMAGED) || entry.weight() > maxBytes) {
            return Optional.empty();
        }
        List<IndexedFile> victims = new ArrayList<>();
        if (present != null) {
            remove(present);
            victims.add(present);
        }
        makeRoom(entry.weight(), victims);
        add(entry);
        return Optional.of(new Admission(entry, victims));
    }

    private void makeRoom(long weight, List<IndexedFile> victims) {
        while (bytes + weight > maxBytes || entries.size() >= maxEntries) {
            IndexedFile oldest = entries.firstEntry().getValue();
            remove(oldest);
            if (oldest.read && oldest.state == FileState.PRESENT) {
                oldest.read = false;
                add(oldest);
            } else {
                victims.add(oldest);
            }
        }
    }

    void markWritten(IndexedFile entry) {
        entry.state = FileState.PRESENT;
    }

    /** Reverts an admission without deletions and without a write. */
    void undo(Admission admission) {
        remove(admission.entry());
        restore(admission.victims());
    }

    /** Adds back files that could not be deleted, as the next victims. */
    void restore(List<IndexedFile> victims) {
        for (IndexedFile victim : victims.reversed()) {
            if (entries.putIfAbsent(victim.key, victim) == null) {
                bytes += victim.weight();
                entries.putFirst(victim.key, victim);
            }
        }
    }

    /** Marks a file as unusable and as the next victim. */
    void markDamaged(IndexedFile entry) {
        entry.state = FileState.DAMAGED;
        if (entries.get(entry.key) == entry) {
            entries.putFirst(entry.key, entry);
        }
    }

    void remove(IndexedFile entry) {
        if (entries.remove(entry.key, entry)) {
            bytes -= entry.weight();
        }
    }

    private void add(IndexedFile entry) {
        entries.put(entry.key, entry);
        bytes += entry.weight();
    }
}
