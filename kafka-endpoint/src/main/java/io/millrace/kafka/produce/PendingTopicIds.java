package io.millrace.kafka.produce;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * The ids of topics that wait for a barrier, because this node did not know them. Later requests
 * for them wait too, so that batches stay in order. Bounded by the kept bytes of the requests.
 * Owned by the loop of the ingest node.
 */
final class PendingTopicIds {

    private final Map<Uuid, Integer> requests = new HashMap<>();

    boolean contains(Uuid id) {
        return !requests.isEmpty() && requests.containsKey(id);
    }

    void add(Uuid id) {
        requests.merge(id, 1, Integer::sum);
    }

    void remove(Uuid id) {
        requests.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1);
    }
}
