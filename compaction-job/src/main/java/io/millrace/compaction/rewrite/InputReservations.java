package io.millrace.compaction.rewrite;

import io.millrace.compaction.Cooldown;
import io.millrace.metadata.Metadata;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The availability of objects as inputs of jobs. Owned by the metadata's event loop. */
public final class InputReservations {

    /** The availability of an object. */
    public enum InputAvailability {
        FREE,

        /** Reserved by a job, or in its cooldown. */
        UNAVAILABLE,

        /** Recently found damaged or unreadable. */
        DAMAGED
    }

    private final Metadata metadata;
    private final Cooldown<ObjectId> coolingDown;
    private final Cooldown<ObjectId> damaged;
    private final Set<ObjectId> reserved = new HashSet<>();

    private final Set<ObjectId> suspects = new HashSet<>();

    public InputReservations(Metadata metadata) {
        this.metadata = metadata;
        coolingDown = new Cooldown<>(metadata.loop());
        damaged = Cooldown.growing(metadata.loop());
    }

    public InputAvailability status(ObjectId id) {
        if (damaged.contains(id)) {
            return InputAvailability.DAMAGED;
        }
        return reserved.contains(id) || coolingDown.contains(id)
                ? InputAvailability.UNAVAILABLE
                : InputAvailability.FREE;
    }

    public boolean isFree(ObjectId id) {
        return status(id) == InputAvailability.FREE;
    }

    /**
     * Returns whether an object was ever found damaged. Never reset, because later reads cover only
     * parts of the object.
     */
    public boolean isSuspect(ObjectId id) {
        return suspects.contains(id);
    }

    public void reserve(Collection<ObjectId> ids) {
        reserved.addAll(ids);
    }

    public void release(Collection<ObjectId> ids) {
        reserved.removeAll(ids);
    }

    public void startCooldown(ObjectId id) {
        coolingDown.start(id);
    }

    /** Excludes an object for a cooldown, longer each time, and marks the object as suspect. */
    public void markDamaged(ObjectId id) {
        damaged.start(id);
        suspects.add(id);
        suspects.retainAll(metadata.objects().referencedAmong(suspects));
    }
}
