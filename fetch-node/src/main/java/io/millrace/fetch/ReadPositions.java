package io.millrace.fetch;

import io.millrace.storage.stream.ObjectId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An index of the positions at which replies ended. Sequential readers continue there without a
 * scan of preceding batches. Bounded; the oldest entries are evicted. Owned by the fetch node's
 * event loop.
 */
final class ReadPositions {

    private record PartitionOffset(long topicId, int partition, long offset) {}

    record ObjectPosition(ObjectId object, long position) {}

    private final Map<PartitionOffset, ObjectPosition> positions;

    ReadPositions(int max) {
        this.positions =
                new LinkedHashMap<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(
                            Map.Entry<PartitionOffset, ObjectPosition> eldest) {
                        return size() > max;
                    }
                };
    }

    void add(long topicId, int partition, long offset, ObjectId object, long position) {
        positions.put(
                new PartitionOffset(topicId, partition, offset),
                new ObjectPosition(object, position));
    }

    @Nullable ObjectPosition find(long topicId, int partition, long offset) {
        return positions.get(new PartitionOffset(topicId, partition, offset));
    }
}
