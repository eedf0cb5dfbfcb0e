package io.millrace.fetch.cache;

import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;

/**
 * The objects that ingest nodes announced lately, and what of them was asked for: whether it is
 * worth while to load the next one before anybody asks. It is as long as at least half of the
 * chunks of those that readers could have read by now were read, so that loading early costs at
 * most twice the GETs. Pure: it is given the time. Bounded; the oldest goes first. Owned by the
 * fetch node's loop.
 */
public final class AnnouncementHistory {

    /** Older than this, an object that nobody has asked for is not being followed. */
    public static final Duration SETTLED = Duration.ofSeconds(1);

    /** What readers did before that says nothing of what they do. */
    static final Duration FORGOTTEN = Duration.ofSeconds(30);

    private static final int MAX = 1024;

    private record Entry(int chunks, BitSet asked, long atNanos) {}

    private final LinkedHashMap<ObjectId, Entry> objects = new LinkedHashMap<>();

    /**
     * An object was announced.
     *
     * @param chunks how many it has
     * @return whether to load it now; false for one that was announced before
     */
    boolean add(ObjectId object, int chunks, long nowNanos) {
        if (objects.containsKey(object)) {
            return false;
        }
        objects.values().removeIf(entry -> nowNanos - entry.atNanos() > FORGOTTEN.toNanos());
        if (objects.size() == MAX) {
            objects.pollFirstEntry();
        }
        boolean followed = areFollowed(nowNanos);
        objects.put(object, new Entry(chunks, new BitSet(chunks), nowNanos));
        return followed;
    }

    /** A reader wants a chunk. */
    void asked(ObjectId object, int chunk) {
        Entry entry = objects.get(object);
        if (entry != null) {
            entry.asked().set(chunk);
        }
    }

    private boolean areFollowed(long nowNanos) {
        long chunks = 0;
        long asked = 0;
        for (Entry entry : objects.values()) {
            if (nowNanos - entry.atNanos() >= SETTLED.toNanos()) {
                chunks += entry.chunks();
                asked += entry.asked().cardinality();
            }
        }
        return chunks > 0 && 2 * asked >= chunks;
    }
}
