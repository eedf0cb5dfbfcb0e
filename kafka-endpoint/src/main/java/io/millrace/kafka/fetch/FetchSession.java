package io.millrace.kafka.fetch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of a consumer. Those whose next answer may contain something are active; the
 * others cost nothing until their logs change. A session with id 0 lasts for one request. Owned by
 * the fetch node's event loop.
 */
final class FetchSession {

    static final int NO_ID = 0;
    private static final int FIRST_EPOCH = 1;

    private final int id;
    private final String owner;
    private final boolean withTopicIds;
    private final PartitionWatch watch;
    private final Map<PartitionKey, SessionPartition> partitions = new LinkedHashMap<>();
    private final Set<SessionPartition> active = new LinkedHashSet<>();
    private int nextEpoch = FIRST_EPOCH;
    private @Nullable Runnable wake;

    /** The time of the last request, on the event loop's clock. */
    long usedNanos;

    /**
     * @param owner the principal whose requests the session serves
     */
    FetchSession(int id, String owner, boolean withTopicIds, PartitionWatch watch) {
        this.id = id;
        this.owner = owner;
        this.withTopicIds = withTopicIds;
        this.watch = watch;
    }

    int id() {
        return id;
    }

    String owner() {
        return owner;
    }

    boolean hasTopicIds() {
        return withTopicIds;
    }

    int size() {
        return partitions.size();
    }

    boolean isNextEpoch(int epoch) {
        return epoch == nextEpoch;
    }

    void advanceEpoch() {
        nextEpoch = nextEpoch == Integer.MAX_VALUE ? FIRST_EPOCH : nextEpoch + 1;
    }

    /** Returns the partition for a change of its position, added if new. */
    SessionPartition put(PartitionKey key) {
        SessionPartition partition =
                partitions.computeIfAbsent(key, added -> new SessionPartition(added, this));
        active.add(partition);
        return partition;
    }

    void remove(PartitionKey key) {
        SessionPartition partition = partitions.remove(key);
        if (partition != null) {
            active.remove(partition);
            watch.remove(partition);
        }
    }

    /** Adds to the active partitions, and wakes a waiting request. */
    void activate(SessionPartition partition) {
        active.add(partition);
        if (wake != null) {
            wake.run();
        }
    }

    void activateAll() {
        active.addAll(partitions.values());
    }

    void deactivate(Collection<SessionPartition> idle) {
        idle.forEach(active::remove);
    }

    /** Moves partitions behind the other active ones, which are served first from now on. */
    void moveToEnd(Collection<SessionPartition> served) {
        for (SessionPartition partition : served) {
            if (active.remove(partition)) {
                active.add(partition);
            }
        }
    }

    /** Returns a copy of the active partitions, in the order in which they are served. */
    List<SessionPartition> active() {
        return new ArrayList<>(active);
    }

    boolean isBusy() {
        return wake != null;
    }

    /** Begins a request, which is woken when a partition becomes active. */
    void begin(Runnable wakeRequest) {
        wake = wakeRequest;
    }

    void end() {
        wake = null;
    }

    /** Stops watching partitions. A waiting request is answered without partitions. */
    void close() {
        partitions.values().forEach(watch::remove);
        partitions.clear();
        active.clear();
        if (wake != null) {
            wake.run();
        }
    }
}
