package io.millrace.compaction.merge;

import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Clock for the age of unmerged WAL blocks. Normally the node's wall clock; if every block is dated
 * in the future, because clocks of its writers were ahead, the oldest block's timestamp plus the
 * time since this node first saw it. A clock that is wrong by a day therefore does not delay merges
 * by a day. One owner.
 */
final class SkewTolerantClock {

    private @Nullable ObjectId oldest;

    /** First sighting of the oldest block. */
    private long sinceNanos;

    /**
     * @param blocks unmerged blocks
     * @param clockMs the node's wall clock, milliseconds since 1970
     * @param nowNanos a monotonic clock
     * @return milliseconds since 1970
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
