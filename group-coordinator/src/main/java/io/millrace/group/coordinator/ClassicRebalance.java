package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One rebalance of a group whose members share its partitions out among themselves, as those of
 * Kafka's classic protocol do: all come, one of them leads and says who gets what. What they tell
 * each other of that is opaque here, but for the partitions. A round comes to one change of the
 * group, so that its members know the generation before the log does. Who comes or goes once it is
 * closed makes another round necessary. Pure: whoever has it knows what time it is.
 */
final class ClassicRebalance {

    /**
     * A way to share partitions out that a member knows.
     *
     * @param metadata of the member, for the leader
     */
    record Way(String name, ByteString metadata) {}

    /**
     * What a member gets.
     *
     * @param assignment in the members' words
     * @param partitions that are leased to it
     */
    record Share(ByteString assignment, Set<PartitionId> partitions) {

        static final Share NOTHING = new Share(ByteString.EMPTY, Set.of());

        public Share {
            partitions = Set.copyOf(partitions);
        }
    }

    private record Comer(GroupMember member, List<Way> ways) {

        Optional<Way> way(String name) {
            return ways.stream().filter(way -> way.name().equals(name)).findFirst();
        }
    }

    private final String protocol;
    private final int generation;
    private final Set<String> awaited = new TreeSet<>();
    private final Map<String, Comer> joiners = new LinkedHashMap<>();
    private boolean closed;
    private Map<String, Share> shares = Map.of();

    /**
     * @param protocol how the members are served, in a word
     * @param now the group as the round finds it: its members are waited for
     */
    ClassicRebalance(String protocol, Group now) {
        this.protocol = protocol;
        this.generation = now.generation() + 1;
        now.members().forEach(member -> awaited.add(member.id()));
    }

    /** That of the group when the round is over. */
    int generation() {
        return generation;
    }

    /**
     * A member comes, or comes again; not once the round is closed.
     *
     * @param ways that it knows, the one that it likes best first; the group must have one in
     *     common
     * @return why it cannot; empty if it is in the round
     */
    Optional<Problem> joins(GroupMember member, List<Way> ways) {
        Set<String> common = common(ways.stream().map(Way::name).toList(), member.id());
        if (common.isEmpty()) {
            return Optional.of(
                    new Problem(
                            Reason.INVALID_GROUP,
                            "The members know no way in common to share partitions out: let all use one of those of the others."));
        }
        joiners.put(member.id(), new Comer(member, List.copyOf(ways)));
        awaited.remove(member.id());
        return Optional.empty();
    }

    private Set<String> common(Collection<String> names, String besides) {
        Set<String> common = new TreeSet<>(names);
        joiners.forEach((id, other) -> {
            if (!id.equals(besides)) {
                common.removeIf(name -> other.way(name).isEmpty());
            }
        });
        return common;
    }

    /** A member is gone; not once the round is closed. */
    void goes(String memberId) {
        joiners.remove(memberId);
        awaited.remove(memberId);
    }

    /** Whether all came that are waited for, and anybody did. */
    boolean isComplete() {
        return awaited.isEmpty() && !joiners.isEmpty();
    }

    /** Waits for nobody any more: who did not come is a member no more when the round is over. */
    void close() {
        awaited.clear();
        closed = true;
    }

    /** The member that shares out: the first that came; only of a round that is closed. */
    String leader() {
        requireClosed();
        return joiners.keySet().iterator().next();
    }

    /** The way that most like best of those that all know; only of a round that is closed. */
    String way() {
        requireClosed();
        Set<String> common =
                common(
                        joiners.values().iterator().next().ways.stream().map(Way::name).toList(),
                        "");
        Map<String, Integer> votes = new TreeMap<>();
        for (Comer one : joiners.values()) {
            one.ways().stream()
                    .map(Way::name)
                    .filter(common::contains)
                    .findFirst()
                    .ifPresent(best -> votes.merge(best, 1, Integer::sum));
        }
        return votes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    }

    /** What each member says for that way; for the leader. */
    Map<String, ByteString> metadata() {
        String way = way();
        Map<String, ByteString> metadata = new LinkedHashMap<>();
        joiners.forEach(
                (id, one) -> one.way(way).ifPresent(its -> metadata.put(id, its.metadata())));
        return metadata;
    }

    private void requireClosed() {
        if (!closed) {
            throw new IllegalStateException("members may still come");
        }
    }

    /**
     * The leader says who gets what; members of whom it says nothing get nothing.
     *
     * @return why that cannot be; empty if the round's change can be made
     */
    Optional<Problem> share(String from, Map<String, Share> what) {
        if (!from.equals(leader())) {
            return malformed("Member %s does not share out, %s does.".formatted(from, leader()));
        }
        Set<PartitionId> given = new TreeSet<>();
        for (Map.Entry<String, Share> each : what.entrySet()) {
            if (!joiners.containsKey(each.getKey())) {
                return malformed("There is no member %s in this round.".formatted(each.getKey()));
            }
            for (PartitionId key : each.getValue().partitions()) {
                if (!given.add(key)) {
                    return malformed("Partition %s was given to two.".formatted(key));
                }
            }
        }
        shares = Map.copyOf(what);
        return Optional.empty();
    }

    private static Optional<Problem> malformed(String why) {
        return Optional.of(new Problem(Reason.MALFORMED_REQUEST, why));
    }

    /** What a member got. */
    Share of(String memberId) {
        return shares.getOrDefault(memberId, Share.NOTHING);
    }

    /**
     * What the round comes to, under its generation.
     *
     * @param now the group as it is still
     * @param topics as they are: what is gone meanwhile is leased to nobody
     * @param details of the group
     */
    GroupChange change(Group now, Topics topics, ByteString details) {
        List<String> left = new ArrayList<>();
        now.members()
                .forEach(member -> {
                    if (!joiners.containsKey(member.id())) {
                        left.add(member.id());
                    }
                });
        List<GroupMember> joined = new ArrayList<>();
        Map<PartitionId, String> target = new TreeMap<>();
        joiners.forEach((id, one) -> {
            GroupMember member = one.member();
            Share its = of(id);
            joined.add(
                    new GroupMember(id, member.instanceId(), member.details(), its.assignment()));
            its.partitions().stream()
                    .filter(key -> isThere(key, topics))
                    .forEach(key -> target.put(key, id));
        });
        return new GroupChange(protocol, details, left, joined, leases(now, left, target));
    }

    private static boolean isThere(PartitionId key, Topics topics) {
        return topics.withId(key.topicId())
                .filter(topic -> key.partition() < topic.partitionCount())
                .isPresent();
    }

    /** A lease that stays is not given anew: what was committed under it counts still. */
    private static List<LeaseChange> leases(
            Group now, List<String> left, Map<PartitionId, String> target) {
        Map<PartitionId, String> holders = new TreeMap<>();
        for (long topicId : now.topics()) {
            for (int partition : now.partitions(topicId)) {
                now.lease(topicId, partition)
                        .map(Lease::member)
                        .filter(holder -> !left.contains(holder))
                        .ifPresent(
                                holder -> holders.put(new PartitionId(topicId, partition), holder));
            }
        }
        Set<PartitionId> keys = new TreeSet<>(holders.keySet());
        keys.addAll(target.keySet());
        List<LeaseChange> changes = new ArrayList<>();
        for (PartitionId key : keys) {
            String wanted = target.getOrDefault(key, "");
            if (!wanted.equals(holders.getOrDefault(key, ""))) {
                changes.add(new LeaseChange(key.topicId(), key.partition(), wanted));
            }
        }
        return changes;
    }
}
