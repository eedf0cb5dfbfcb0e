package io.millrace.kafka.fetch;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.PartitionId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An index of the partitions of all sessions, which reports changes of logs to them: a session
 * costs what changes, not what it contains. Bounded by the sessions and waiting requests. Owned by
 * the fetch node's event loop.
 */
final class PartitionWatch implements Metadata.PartitionListener {

    /** The first watcher of each partition; watchers are linked. */
    private final Map<PartitionId, SessionPartition> first = new HashMap<>();

    /** Adds a watcher, or moves it to another topic of the same name. */
    void add(SessionPartition watcher, long topicId) {
        PartitionId before = watcher.watched;
        if (before != null && before.topicId() == topicId) {
            return;
        }
        remove(watcher);
        PartitionId partition = new PartitionId(topicId, watcher.key.partition());
        watcher.watched = partition;
        SessionPartition next = first.put(partition, watcher);
        watcher.nextWatcher = next;
        if (next != null) {
            next.previousWatcher = watcher;
        }
    }

    void remove(SessionPartition watcher) {
        PartitionId partition = watcher.watched;
        if (partition == null) {
            return;
        }
        @Nullable SessionPartition previous = watcher.previousWatcher;
        @Nullable SessionPartition next = watcher.nextWatcher;
        if (next != null) {
            next.previousWatcher = previous;
        }
        if (previous != null) {
            previous.nextWatcher = next;
        } else if (next != null) {
            first.put(partition, next);
        } else {
            first.remove(partition);
        }
        watcher.watched = null;
        watcher.previousWatcher = null;
        watcher.nextWatcher = null;
    }

    @Override
    public void partitionChanged(long topicId, int partition) {
        SessionPartition watcher = first.get(new PartitionId(topicId, partition));
        while (watcher != null) {
            watcher.changed();
            watcher = watcher.nextWatcher;
        }
    }

    int size() {
        return first.size();
    }
}
