package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who is to have which partition of a group. Immutable. */
final class Target {

    static final Target NONE = new Target(Map.of());

    private final Map<PartitionKey, String> members;

    private Target(Map<PartitionKey, String> members) {
        this.members = members;
    }

    /** The members by the partitions that they are to have. */
    Map<PartitionKey, String> members() {
        return members;
    }

    /** The member that is to have a partition. */
    @Nullable String of(PartitionKey key) {
        return members.get(key);
    }

    /** As this, with one member in place of another: also for what that one has only for now. */
    Target with(Participant heir, Participant before, Leases leases) {
        Map<PartitionKey, String> inherited = new HashMap<>(members);
        leases.of(before.id).forEach(key -> inherited.putIfAbsent(key, before.id));
        inherited.replaceAll((key, member) -> member.equals(before.id) ? heir.id : member);
        return new Target(inherited);
    }

    /**
     * Shares out anew, and lets go on what is on its way to somebody.
     *
     * @param participants by their ids
     * @param leases as they are
     */
    Target anew(
            SortedMap<String, Participant> participants,
            Leases leases,
            Topics topics,
            Function<PartitionKey, String> zoneOf) {
        List<Sharing.Sharer> sharers = new ArrayList<>();
        SortedMap<Long, Integer> counts = new TreeMap<>();
        Assignor assignor = Assignor.STICKY;
        for (Participant one : participants.values()) {
            if (one.sharesIn()) {
                sharers.add(one.sharer());
                assignor = one.details().assignor();
                for (long topicId : one.topics()) {
                    topics.withId(topicId)
                            .map(Topic::partitionCount)
                            .ifPresent(count -> counts.put(topicId, count));
                }
            }
        }
        Map<PartitionKey, String> current = new HashMap<>(leases.holders());
        members.forEach((key, member) -> {
            Participant wanted = participants.get(member);
            if (wanted != null && wanted.sharesIn()) {
                current.put(key, member);
            }
        });
        return new Target(assignor.share(new Sharing(sharers, counts, current, zoneOf)));
    }
}
