package io.millrace.compaction.merge;

import io.millrace.storage.loop.Loop;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which objects may be taken as inputs now. Owned by the loop. */
final class FreeObjects {

    /** How long an object that could not be merged, or need not be, is left alone. */
    private static final long LEFT_ALONE_NANOS = 600_000_000_000L;

    private final Loop loop;

    /** Until when objects are left alone. */
    private final Map<ObjectId, Long> leftAlone = new HashMap<>();

    private final Set<ObjectId> taken = new HashSet<>();

    FreeObjects(Loop loop) {
        this.loop = loop;
    }

    /** Whether nobody works on it, and it is not left alone. */
    boolean isFree(ObjectId id) {
        Long until = leftAlone.get(id);
        if (until != null && loop.nanoTime() - until >= 0) {
            leftAlone.remove(id);
            until = null;
        }
        return until == null && !taken.contains(id);
    }

    /** Somebody works on them. */
    void take(Collection<ObjectId> ids) {
        taken.addAll(ids);
    }

    void giveBack(Collection<ObjectId> ids) {
        taken.removeAll(ids);
    }

    /** Nobody is to work on it for a while. */
    void leaveAlone(ObjectId id) {
        long nowNanos = loop.nanoTime();
        leftAlone.values().removeIf(until -> nowNanos - until >= 0);
        leftAlone.put(id, nowNanos + LEFT_ALONE_NANOS);
    }
}
