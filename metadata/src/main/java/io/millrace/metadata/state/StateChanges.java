package io.millrace.metadata.state;

import io.millrace.metadata.Metadata.PartitionListener;
import io.millrace.metadata.state.partition.PartitionState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The partitions and groups that changed since the last notification of listeners. */
final class StateChanges {

    private final List<PartitionState> partitions = new ArrayList<>();
    private final Set<String> groups = new LinkedHashSet<>();

    void add(PartitionState partition) {
        if (!partition.changed) {
            partition.changed = true;
            partitions.add(partition);
        }
    }

    void add(String group) {
        groups.add(group);
    }

    void reportPartitions(PartitionListener listener) {
        for (int i = 0; i < partitions.size(); i++) {
            PartitionState partition = partitions.get(i);
            partition.changed = false;
            listener.partitionChanged(partition.topicId, partition.number);
        }
        partitions.clear();
    }

    void reportGroups(Consumer<String> listener) {
        groups.forEach(listener);
        groups.clear();
    }
}
