package io.millrace.fetch.disk;

import io.millrace.fetch.chunk.ChunkKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An index of the chunk files on the disk that selects files to evict by second chance: the oldest
 * file not read since it was added or last spared. Readers of a log follow each other at a
 * distance, and each would sweep a cache ordered by last use.
 *
 * <p>Bounded by bytes, with file sizes rounded up to blocks, and by entries, which cost memory.
 * Pure; owned by the fetch node's event loop.
 */
final class DiskIndex {

    private static final int BLOCK_BYTES = 4096;

    private enum State {
        COMING,
        PRESENT,
        DAMAGED
    }

    /** A file, compared by identity, as a key may be removed and added again. */
    static final class Entry {
        private final ChunkKey key;
        private final long fileBytes;
        private State state;
        private boolean read;

        private Entry(ChunkKey key, long fileBytes, State state) {
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

    /**
     * Permission to write a file once its victims are deleted.
     *
     * @param victims the files to delete first, which may include the file to replace
     */
    record Admission(Entry entry, List<Entry> victims) {}

    private final long maxBytes;
    private final int maxEntries;
    private final LinkedHashMap<ChunkKey, Entry> entries = new LinkedHashMap<>();
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
     * Adds a file found on the disk as the newest entry.
     *
     * @return the files to delete, which may include the file itself
     */
    List<Entry> found(ChunkKey key, long fileBytes) {
        Entry entry = new Entry(key, fileBytes, State.PRESENT);
        List<Entry> victims = new ArrayList<>();
        if (entry.weight() > maxBytes) {
            victims.add(entry);
        } else {
            makeRoom(entry.weight(), victims);
            add(entry);
        }
        return victims;
    }

    /** Returns the entry of a readable file, or null, and marks the entry as read. */
    @Nullable Entry find(ChunkKey key) {
        Entry entry = entries.get(key);
        if (entry == null || entry.state != State.PRESENT) {
            return null;
        }
        entry.read = true;
        return entry;
    }

    /**
     * Reserves space for the file of a chunk.
     *
     * @return empty if the file exists, is being written, or exceeds the limit
     */
    Optional<Admission> admit(ChunkKey key, long fileBytes) {
        Entry present = entries.get(key);
        Entry entry = new Entry(key, fileBytes, State.COMING);
        if ((present != null && present.state != State.DAMAGED) || entry.weight() > maxBytes) {
            return Optional.empty();
        }
        List<Entry> victims = new ArrayList<>();
        if (present != null) {
            remove(present);
            victims.add(present);
        }
        makeRoom(entry.weight(), victims);
        add(entry);
        return Optional.of(new Admission(entry, victims));
    }

    private void makeRoom(long weight, List<Entry> victims) {
        while (bytes + weight > maxBytes || entries.size() >= maxEntries) {
            Entry oldest = entries.firstEntry().getValue();
            remove(oldest);
            if (oldest.read && oldest.state == State.PRESENT) {
                oldest.read = false;
                add(oldest);
            } else {
                victims.add(oldest);
            }
        }
    }

    void written(Entry entry) {
        entry.state = State.PRESENT;
    }

    /** Reverts an admission: neither were its victims deleted nor its file written. */
    void undo(Admission admission) {
        remove(admission.entry());
        restore(admission.victims());
    }

    /** Adds back files that could not be deleted, as the next victims. */
    void restore(List<Entry> victims) {
        for (Entry victim : victims.reversed()) {
            if (entries.putIfAbsent(victim.key, victim) == null) {
                bytes += victim.weight();
                entries.putFirst(victim.key, victim);
            }
        }
    }

    /** Marks the file as unusable and as the next victim. */
    void damaged(Entry entry) {
        entry.state = State.DAMAGED;
        if (entries.get(entry.key) == entry) {
            entries.putFirst(entry.key, entry);
        }
    }

    /** Removes the entry of a file that does not exist. */
    void remove(Entry entry) {
        if (entries.remove(entry.key, entry)) {
            bytes -= entry.weight();
        }
    }

    private void add(Entry entry) {
        entries.put(entry.key, entry);
        bytes += entry.weight();
    }
}
