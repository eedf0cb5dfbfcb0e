package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.Sharing.Sharer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Each topic by itself, in equal ranges for its subscribers in their order; the first ones get one
 * more where it does not come out even.
 */
final class RangeShare {

    private RangeShare() {}

    static Map<PartitionKey, String> partitions(Sharing sharing) {
        List<Sharer> members =
                sharing.members().stream()
                        .sorted(Comparator.comparing(Sharer::rank).thenComparing(Sharer::id))
                        .toList();
        Map<PartitionKey, String> shares = new HashMap<>();
        sharing.topics()
                .forEach((topicId, count) -> {
                    List<Sharer> readers =
                            members.stream().filter(one -> one.topics().contains(topicId)).toList();
                    int next = 0;
                    for (int i = 0; i < readers.size(); i++) {
                        int size = count / readers.size() + (i < count % readers.size() ? 1 : 0);
                        for (int end = next + size; next < end; next++) {
                            shares.put(new PartitionKey(topicId, next), readers.get(i).id());
                        }
                    }
                });
        return shares;
    }
}
