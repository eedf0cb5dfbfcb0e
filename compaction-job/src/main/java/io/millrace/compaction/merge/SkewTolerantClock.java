package io.millrace.compaction.merge;

import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What time it is for WAL blocks that wait to be merged: this node's, or, while the clocks that
 * dated them are all ahead of it, the date of the oldest and for how long it has been that here. So
 * a clock that was wrong by a day keeps none waiting for a day. One owner.
 */
final class SkewTolerantClock {

    private @Nullable ObjectId oldest;

    /** Since when it is known here. */
    private long sinceNanos;

    /**
     * @param blocks that wait
     * @param clockMs what time it is by this node's clock, milliseconds since 1970
     * @param nowNanos by a clock that never goes backwards
     * @return milliseconds since 1970
     */
    long nowMs(List<StoredObject> blocks, long clockMs, long nowNanos) {
        Optional<StoredObject> ahead =
                blocks.stream()
                        .min(StoredObject.OLDEST_FIRST)
                        .filter(block -> !block.wasThere(clockMs));
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
