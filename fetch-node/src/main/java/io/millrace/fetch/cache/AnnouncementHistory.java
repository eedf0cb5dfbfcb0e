package io.millrace.fetch.cache;

import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;

/**
 * A record of announced objects and requested chunks that selects objects to load early. Readers
 * must request half of the announced chunks, so early loads at most double the GETs.
 *
 * <p>Pure: callers pass the time. Bounded; the oldest entries are evicted. Owned by the fetch
 * node's event loop.
 */
public final class AnnouncementHistory {

    /** Minimum age at which an object counts. Younger objects may still be requested. */
    public static final Duration MIN_AGE = Duration.ofSeconds(1);

    /** Age at which an object is removed, because readers may have changed. */
    static final Duration MAX_AGE = Duration.ofSeconds(30);

    private static final int MAX = 1024;

    private record Entry(int chunks, BitSet asked, long atNanos) {}

    private final LinkedHashMap<ObjectId, Entry> objects = new LinkedHashMap<>();

    /**
     * Adds an announced object. Returns whether to load the object now; false if announced before.
     */
    boolean add(ObjectId object, int chunks, long nowNanos) {
        if (objects.containsKey(object)) {
            return false;
        }
        objects.values().removeIf(entry -> nowNanos - entry.atNanos() > MAX_AGE.toNanos());
        if (objects.size() == MAX) {
            objects.pollFirstEntry();
        }
        boolean followed = areFollowed(nowNanos);
        objects.put(object, new Entry(chunks, new BitSet(chunks), nowNanos));
        return followed;
    }

    void requested(ObjectId object, int chunk) {
        Entry entry = objects.get(object);
        if (entry != null) {
            entry.asked().set(chunk);
        }
    }

    private boolean areFollowed(long nowNanos) {
        long chunks = 0;
        long asked = 0;
        for (Entry entry : objects.values()) {
            if (nowNanos - entry.atNanos() >= MIN_AGE.toNanos()) {
                chunks += entry.chunks();
                asked += entry.asked().cardinality();
            }
        }
        return chunks > 0 && 2 * asked >= chunks;
    }
}
