package io.millrace.fetch;

import io.millrace.storage.stream.ObjectId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An index of the positions at which earlier replies ended. A fetch that continues at such a
 * position belongs to a sequential reader and starts there, without a walk over the preceding
 * batches. Bounded; the oldest entries are evicted. Owned by the fetch node's event loop.
 */
final class ReadPositions {

    private record Place(long topicId, int partition, long offset) {}

    /** The position in an object of the batch that holds an offset. */
    record Position(ObjectId object, long position) {}

    private final Map<Place, Position> places;

    ReadPositions(int max) {
        this.places =
                new LinkedHashMap<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Place, Position> eldest) {
                        return size() > max;
                    }
                };
    }

    void remember(long topicId, int partition, long offset, ObjectId object, long position) {
        places.put(new Place(topicId, partition, offset), new Position(object, position));
    }

    @Nullable Position find(long topicId, int partition, long offset) {
        return places.get(new Place(topicId, partition, offset));
    }
}
