package io.millrace.fetch.disk;

import io.millrace.fetch.chunk.ChunkKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks are on the disk, and which go when there is no room: the oldest that was not read
 * since it came, or since it was spared last ("second chance"). Readers of a log follow each other
 * at a distance, so what came first is what the next one has passed already; an order by use would
 * be swept by each of them.
 *
 * <p>Bounded by bytes, each file taken as whole blocks, and by entries, which cost memory. Pure;
 * owned by the fetch node's loop.
 */
final class DiskIndex {

    private static final int BLOCK_BYTES = 4096;

    /** What the file of an entry is good for. */
    private enum State {
        COMING,
        PRESENT,
        DAMAGED
    }

    /** One file; compared by identity, as a key may come, go and come again. */
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
     * A file that may be written once others are gone.
     *
     * @param victims to be deleted before; the file that it replaces can be among them
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

    /** Bytes that the files take. */
    long bytes() {
        return bytes;
    }

    int size() {
        return entries.size();
    }

    /**
     * A file was found on the disk; it becomes the youngest.
     *
     * @return those to be deleted, possibly this one
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

    /** The file of a chunk, if one can be read. It counts as read. */
    @Nullable Entry find(ChunkKey key) {
        Entry entry = entries.get(key);
        if (entry == null || entry.state != State.PRESENT) {
            return null;
        }
        entry.read = true;
        return entry;
    }

    /**
     * Room for the file of a chunk.
     *
     * @return empty if it is here or on its way already, or larger than all room
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

    /** The file of an admission is whole. */
    void written(Entry entry) {
        entry.state = State.PRESENT;
    }

    /** The admission did not take place: neither were its victims deleted nor its file made. */
    void undo(Admission admission) {
        remove(admission.entry());
        restore(admission.victims());
    }

    /** These could not be deleted; they are the next to go. */
    void restore(List<Entry> victims) {
        for (Entry victim : victims.reversed()) {
            if (entries.putIfAbsent(victim.key, victim) == null) {
                bytes += victim.weight();
                entries.putFirst(victim.key, victim);
            }
        }
    }

    /** The file is of no use, and the next to go. */
    void damaged(Entry entry) {
        entry.state = State.DAMAGED;
        if (entries.get(entry.key) == entry) {
            entries.putFirst(entry.key, entry);
        }
    }

    /** There is no such file. */
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
