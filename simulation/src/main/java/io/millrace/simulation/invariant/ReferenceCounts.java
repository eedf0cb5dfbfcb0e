package io.millrace.simulation.invariant;

import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** The number of references to each object, and the entries that removed the last ones. */
public final class ReferenceCounts {

    private static final long NEVER = -1;

    private final Map<ObjectId, Integer> references = new HashMap<>();

    private final Map<ObjectId, Long> releasedAt = new HashMap<>();

    /** Also has objects that were never referenced, such as orphans. */
    private final Map<ObjectId, Long> unreferencedAt = new HashMap<>();

    private final List<ObjectId> newlyUnreferenced = new ArrayList<>();
    private long position;

    /** Starts the entry at a position. */
    void begin(long now) {
        position = now;
        newlyUnreferenced.clear();
    }

    void add(ObjectId object) {
        references.merge(object, 1, Integer::sum);
    }

    void release(ObjectId object) {
        int left = references.merge(object, -1, Integer::sum);
        ReferenceModel.require(left >= 0, "%s has %d references", object, left);
        if (left == 0) {
            references.remove(object);
            releasedAt.put(object, position);
            markIfUnreferenced(object);
        }
    }

    void markIfUnreferenced(ObjectId object) {
        if (!references.containsKey(object)) {
            unreferencedAt.put(object, position);
            newlyUnreferenced.add(object);
        }
    }

    public Set<ObjectId> referenced() {
        return references.keySet();
    }

    /** Returns whether a state after entry {@code start} or a later one has a reference. */
    boolean isReferencedSince(ObjectId object, long start) {
        return references.containsKey(object) || releasedAt.getOrDefault(object, NEVER) > start;
    }

    /** Returns the objects that states after entry {@code start} or later ones reference. */
    List<ObjectId> referencedSince(long start) {
        List<ObjectId> found = new ArrayList<>(references.keySet());
        releasedAt.forEach((object, released) -> {
            if (released > start) {
                found.add(object);
            }
        });
        return found;
    }

    /** Returns the last entry that left the object unreferenced or condemned it. */
    OptionalLong unreferencedAt(ObjectId object) {
        Long entry = references.containsKey(object) ? null : unreferencedAt.get(object);
        return entry == null ? OptionalLong.empty() : OptionalLong.of(entry);
    }

    /** Returns the objects that the last entry left unreferenced or condemned. */
    List<ObjectId> newlyUnreferenced() {
        return newlyUnreferenced;
    }
}
