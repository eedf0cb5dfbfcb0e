package io.millrace.metadata.state.group;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The groups with rows of a topic, and the number of groups that an incarnation claims. */
final class GroupIndex {

    // Never iterated, so the hash order is irrelevant.
    private final Map<Long, TreeSet<String>> byTopic = new HashMap<>();
    private final Map<Long, Integer> claims = new HashMap<>();

    void addTopic(String group, long topicId) {
        byTopic.computeIfAbsent(topicId, first -> new TreeSet<>()).add(group);
    }

    void removeTopic(String group, long topicId) {
        TreeSet<String> groups = byTopic.get(topicId);
        if (groups != null && groups.remove(group) && groups.isEmpty()) {
            byTopic.remove(topicId);
        }
    }

    /** Returns the ids in order. */
    List<String> groupsOf(long topicId) {
        TreeSet<String> groups = byTopic.get(topicId);
        return groups == null ? List.of() : List.copyOf(groups);
    }

    void addClaim(long incarnation) {
        claims.merge(incarnation, 1, Integer::sum);
    }

    void removeClaim(long incarnation) {
        claims.computeIfPresent(incarnation, (same, count) -> count == 1 ? null : count - 1);
    }

    boolean hasClaim(long incarnation) {
        return claims.containsKey(incarnation);
    }
}
