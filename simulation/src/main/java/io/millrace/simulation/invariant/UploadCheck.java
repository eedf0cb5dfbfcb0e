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
 * Checks that a live process completes or aborts each of its multipart uploads. Other processes may
 * abort only old uploads.
 */
public final class UploadCheck {

    private static final class Upload {
        private final NodeLoop owner;
        private final long begunNanos;
        private boolean isKnown;
        private boolean isEnded;
        private boolean isEndedEarly;

        Upload(NodeLoop by, long begunNanos) {
            this.owner = by;
            this.begunNanos = begunNanos;
        }

        boolean isOpen() {
            return isKnown && !isEnded && !owner.isDead();
        }
    }

    private final EventLoop world;
    private final Violations violations;
    private final Duration age;
    private final Map<UploadId, Upload> uploads = new LinkedHashMap<>();
    private long completed;

    /**
     * @param age the age from which on any node may abort an upload
     */
    public UploadCheck(EventLoop world, Violations violations, Duration age) {
        this.world = world;
        this.violations = violations;
        this.age = age;
    }

    public void created(NodeLoop by, UploadId id) {
        uploads.put(id, new Upload(by, world.nanoTime()));
    }

    private Upload upload(UploadId id) {
        Upload upload = uploads.get(id);
        if (upload == null) {
            throw new IllegalStateException(id + " was not created");
        }
        return upload;
    }

    public void idReceived(UploadId id) {
        Upload upload = upload(id);
        violations.check(
                !upload.isEndedEarly, "%s was aborted by the process that continues it", id);
        upload.isKnown = true;
    }

    public void completed(UploadId id) {
        upload(id).isEnded = true;
        completed++;
    }

    public void aborting(NodeLoop by, UploadId id) {
        Upload upload = upload(id);
        boolean isOld = world.nanoTime() - upload.begunNanos >= age.toNanos();
        violations.check(
                isOld || upload.owner == by,
                "%s was aborted by another process before it was old",
                id);
        upload.isEnded |= upload.owner == by;
        upload.isEndedEarly |= !isOld;
    }

    List<UploadId> unfinishedUploads() {
        return uploads.entrySet().stream()
                .filter(entry -> entry.getValue().isOpen())
                .map(Map.Entry::getKey)
                .toList();
    }

    public long completed() {
        return completed;
    }
}
