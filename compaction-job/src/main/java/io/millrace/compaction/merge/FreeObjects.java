package io.millrace.compaction.merge;

import io.millrace.compaction.LeftAlone;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Which objects may be taken as inputs now. Owned by the loop. */
final class FreeObjects {

    private final LeftAlone<ObjectId> leftAlone;
    private final Set<ObjectId> taken = new HashSet<>();

    FreeObjects(Loop loop) {
        leftAlone = new LeftAlone<>(loop);
    }

    /** Whether nobody works on it, and it is not left alone. */
    boolean isFree(ObjectId id) {
        return !taken.contains(id) && !leftAlone.contains(id);
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
        leftAlone.add(id);
    }
}
