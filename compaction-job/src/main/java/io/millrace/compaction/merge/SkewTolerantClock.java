package io.millrace.compaction.merge;

import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A clock for the age of unmerged WAL blocks: normally the node's wall clock. If all blocks are
 * dated in the future, the clock continues from the oldest timestamp. A writer's wrong clock
 * therefore does not delay merges. One owner.
 */
final class SkewTolerantClock {

    private @Nullable ObjectId oldest;

    /** First sighting of the oldest block. */
    private long sinceNanos;

    /**
     * Returns milliseconds since 1970.
     *
     * @param clockMs the node's wall clock
     * @param nowNanos a monotonic clock
     */
    long nowMs(List<StoredObject> blocks, long clockMs, long nowNanos) {
        Optional<StoredObject> ahead =
                blocks.stream()
                        .min(StoredObject.OLDEST_FIRST)
                        .filter(block -> !block.wasStoredBy(clockMs));
        if (ahead.isEmpty()) {
            oldest = null;
            return clockMs;
        }
        ObjectId id = ahead.get().object().id();
        if (!id.equals(oldest)) {
            oldest = id;
            sinceNanos = nowNanos;
        }
        return ahead.get().storedMs() + TimeUnit.NANOSECONDS.toMillis(nowNanos - sinceNanos);
    }
}
