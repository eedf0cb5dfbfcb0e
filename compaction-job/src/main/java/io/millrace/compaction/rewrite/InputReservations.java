package io.millrace.compaction.rewrite;

import io.millrace.compaction.Cooldown;
import io.millrace.metadata.Metadata;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Availability of objects as inputs of jobs. Owned by the metadata's event loop. */
public final class InputReservations {

    /** Availability of an object. */
    public enum InputStatus {
        FREE,

        /** Reserved by a job, or in its cooldown. */
        TAKEN,

        /** Recently found damaged or unreadable. */
        DAMAGED
    }

    private final Metadata metadata;
    private final Cooldown<ObjectId> leftAlone;
    private final Cooldown<ObjectId> damaged;
    private final Set<ObjectId> taken = new HashSet<>();

    /** Referenced objects that were found damaged. */
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
     * Returns whether an object was ever found damaged. Never reset, since this node is not
     * notified of a restore and later reads cover only parts of the object.
     */
    public boolean isSuspect(ObjectId id) {
        return suspects.contains(id);
    }

    public void take(Collection<ObjectId> ids) {
        taken.addAll(ids);
    }

    public void release(Collection<ObjectId> ids) {
        taken.removeAll(ids);
    }

    /** Excludes an object from jobs for a cooldown. */
    public void leaveAlone(ObjectId id) {
        leftAlone.add(id);
    }

    /** Excludes a damaged or unreadable object for a cooldown, and marks the object as suspect. */
    public void suspect(ObjectId id) {
        damaged.add(id);
        suspects.add(id);
        suspects.retainAll(metadata.objects().named(suspects));
    }
}
