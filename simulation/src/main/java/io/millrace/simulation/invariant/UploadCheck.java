package io.millrace.simulation.invariant;

import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.world.NodeLoop;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.UploadId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows uploads in parts: who lives ends each with which it went on, and what others have begun
 * is ended by nobody before its time.
 */
public final class UploadCheck {

    private static final class Upload {
        private final NodeLoop by;
        private final long begunNanos;
        private boolean isKnown;
        private boolean isEnded;
        private boolean isEndedEarly;

        Upload(NodeLoop by, long begunNanos) {
            this.by = by;
            this.begunNanos = begunNanos;
        }

        boolean isOpen() {
            return isKnown && !isEnded && !by.isDead();
        }
    }

    private final EventLoop world;
    private final Violations violations;
    private final Duration age;
    private final Map<UploadId, Upload> uploads = new LinkedHashMap<>();
    private long completed;

    /**
     * @param age what is older may be ended by anybody
     */
    public UploadCheck(EventLoop world, Violations violations, Duration age) {
        this.world = world;
        this.violations = violations;
        this.age = age;
    }

    /** An upload is there. */
    public void begun(NodeLoop by, UploadId id) {
        uploads.put(id, new Upload(by, world.nanoTime()));
    }

    private Upload upload(UploadId id) {
        Upload upload = uploads.get(id);
        if (upload == null) {
            throw new IllegalStateException(id + " was not begun");
        }
        return upload;
    }

    /** Its process goes on with it: the answer to its beginning came in time. */
    public void goesOn(UploadId id) {
        Upload upload = upload(id);
        violations.check(!upload.isEndedEarly, "%s was given up by who goes on with it", id);
        upload.isKnown = true;
    }

    /** Its process has heard that it is an object. */
    public void completed(UploadId id) {
        upload(id).isEnded = true;
        completed++;
    }

    /** A process wants it to end. */
    public void abandons(NodeLoop by, UploadId id) {
        Upload upload = upload(id);
        boolean isOld = world.nanoTime() - upload.begunNanos >= age.toNanos();
        violations.check(
                isOld || upload.by == by, "%s was ended by another process, and is young", id);
        upload.isEnded |= upload.by == by;
        upload.isEndedEarly |= !isOld;
    }

    /** Those that somebody who lives has neither completed nor given up. */
    List<UploadId> open() {
        return uploads.entrySet().stream()
                .filter(one -> one.getValue().isOpen())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How many have become objects. */
    public long completed() {
        return completed;
    }
}
