package io.millrace.metadata.log.etcd;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The arrival times of the first entries of the epochs that are in no archive. Owned by the event
 * loop of the log; {@link #age} may be called on any thread.
 */
final class UnarchivedEntries {

    private record First(long nanos) {}

    private final TreeMap<Long, First> firsts = new TreeMap<>();
    private volatile @Nullable First oldest;

    void note(long epoch, long nowNanos) {
        if (firsts.isEmpty() || firsts.lastKey() < epoch) {
            firsts.put(epoch, new First(nowNanos));
            update();
        }
    }

    void archived(long firstLiveEpoch) {
        firsts.headMap(firstLiveEpoch).clear();
        update();
    }

    private void update() {
        Map.Entry<Long, First> first = firsts.firstEntry();
        oldest = first == null ? null : first.getValue();
    }

    /** Returns the time since the oldest entry arrived that is in no archive; zero without one. */
    Duration age(long nowNanos) {
        First first = oldest;
        return first == null
                ? Duration.ZERO
                : Duration.ofNanos(Math.max(0, nowNanos - first.nanos()));
    }
}
