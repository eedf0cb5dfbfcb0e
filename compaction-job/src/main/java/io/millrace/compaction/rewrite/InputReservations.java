package io.millrace.compaction.rewrite;

import io.millrace.compaction.Cooldown;
import io.millrace.metadata.Metadata;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Which objects may be taken as inputs now. Owned by the metadata's loop. */
public final class InputReservations {

    /** What an object is to somebody who would take it as an input. */
    public enum InputStatus {
        /** It may be taken. */
        FREE,

        /** Not now: somebody works on it, or nobody is to for a while. */
        TAKEN,

        /** It could not be read a short time ago. */
        DAMAGED
    }

    private final Metadata metadata;
    private final Cooldown<ObjectId> leftAlone;
    private final Cooldown<ObjectId> damaged;
    private final Set<ObjectId> taken = new HashSet<>();

    /** As many as are named and were damaged. */
    private final Set<ObjectId> suspects = new HashSet<>();

    public InputReservations(Metadata metadata) {
        this.metadata = metadata;
        leftAlone = new Cooldown<>(metadata.loop());
        damaged = new Cooldown<>(metadata.loop());
    }

    public InputStatus status(ObjectId id) {
        if (damaged.contains(id)) {
            return InputStatus.DAMAGED;
        }
        return taken.contains(id) || leftAlone.contains(id) ? InputStatus.TAKEN : InputStatus.FREE;
    }

    public boolean isFree(ObjectId id) {
        return status(id) == InputStatus.FREE;
    }

    /**
     * Whether it was once damaged, and may still be: nobody tells this node that it is restored.
     * What was read of it since proves nothing about the rest.
     */
    public boolean isSuspect(ObjectId id) {
        return suspects.contains(id);
    }

    /** Somebody works on them. */
    public void take(Collection<ObjectId> ids) {
        taken.addAll(ids);
    }

    public void release(Collection<ObjectId> ids) {
        taken.removeAll(ids);
    }

    /** Nobody is to work on it for a while. */
    public void leaveAlone(ObjectId id) {
        leftAlone.add(id);
    }

    /** It cannot be read: nobody is to work on it for a while, and it is suspect from now on. */
    public void suspect(ObjectId id) {
        damaged.add(id);
        suspects.add(id);
        suspects.retainAll(metadata.objects().named(suspects));
    }
}
