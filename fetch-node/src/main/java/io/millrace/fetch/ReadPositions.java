package io.millrace.fetch;

import io.millrace.storage.stream.ObjectId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where earlier replies ended. A fetch that goes on from there is one of a reader that reads in
 * order, and need not walk to its offset through the batches before it. The oldest are forgotten.
 * Owned by the fetch node's loop.
 */
final class ReadPositions {

    private record Place(long topicId, int partition, long offset) {}

    /** The batch with the offset begins here in the object. */
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
