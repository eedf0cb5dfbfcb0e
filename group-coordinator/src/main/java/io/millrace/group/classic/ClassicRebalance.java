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
 * A rebalance of a group with client-side assignment, as in Kafka's classic protocol: all members
 * join, and an elected leader assigns. Results in one change of the group. A join or leave after
 * {@link #close} requires a new rebalance. Pure: the caller handles timeouts.
 */
final class ClassicRebalance {

    /** An assignment protocol that a member supports, with its metadata for the leader. */
    record AssignmentProtocol(String name, ByteString metadata) {}

    /** The assignment of one member as encoded by the leader, and the leased partitions. */
    record MemberAssignment(ByteString assignment, Set<PartitionId> partitions) {

        static final MemberAssignment EMPTY = new MemberAssignment(ByteString.EMPTY, Set.of());

        public MemberAssignment {
            partitions = Set.copyOf(partitions);
        }
    }

    private record JoinedMember(GroupMember member, List<AssignmentProtocol> protocols) {

        Optional<AssignmentProtocol> protocol(String name) {
            return protocols.stream().filter(way -> way.name().equals(name)).findFirst();
        }
    }

    private final String protocol;
    private final int generation;
    private final Set<String> awaited = new TreeSet<>();
    private final Map<String, JoinedMember> joined = new LinkedHashMap<>();
    private boolean closed;
    private Map<String, MemberAssignment> assignments = Map.of();

    /** Waits for all current members of the group. */
    ClassicRebalance(String protocol, Group now) {
        this.protocol = protocol;
        this.generation = now.generation() + 1;
        now.members().forEach(member -> awaited.add(member.id()));
    }

    int generation() {
        return generation;
    }

    /**
     * Adds a member or replaces an earlier join; not after {@link #close}. Returns the reason for a
     * rejection.
     *
     * @param ways the supported protocols in order of preference; all members need a common
     *     protocol
     */
    Optional<Problem> join(GroupMember member, List<AssignmentProtocol> ways) {
        Set<String> common =
                common(ways.stream().map(AssignmentProtocol::name).toList(), member.id());
        if (common.isEmpty()) {
            return Optional.of(
                    new Problem(
                            Reason.INVALID_GROUP,
                            "The members have no assignment protocol in common: configure one that all of them support."));
        }
        joined.put(member.id(), new JoinedMember(member, List.copyOf(ways)));
        awaited.remove(member.id());
        return Optional.empty();
    }

    private Set<String> common(Collection<String> names, String besides) {
        Set<String> common = new TreeSet<>(names);
        joined.forEach((id, other) -> {
            if (!id.equals(besides)) {
                common.removeIf(name -> other.protocol(name).isEmpty());
            }
        });
        return common;
    }

    /** Not after {@link #close}. */
    void leave(String memberId) {
        joined.remove(memberId);
        awaited.remove(memberId);
    }

    boolean isComplete() {
        return awaited.isEmpty() && !joined.isEmpty();
    }

    /** Stops waiting; the rebalance removes members that have not joined. */
    void close() {
        awaited.clear();
        closed = true;
    }

    /** Returns the first member that joined. Only after {@link #close}. */
    String leader() {
        requireClosed();
        return joined.keySet().iterator().next();
    }

    /**
     * Returns the protocol with the most votes among the common protocols. Only after {@link
     * #close}.
     */
    String electedProtocol() {
        requireClosed();
        Set<String> common =
                common(
                        joined.values().iterator().next().protocols.stream()
                                .map(AssignmentProtocol::name)
                                .toList(),
                        "");
        Map<String, Integer> votes = new TreeMap<>();
        for (JoinedMember member : joined.values()) {
            member.protocols().stream()
                    .map(AssignmentProtocol::name)
                    .filter(common::contains)
                    .findFirst()
                    .ifPresent(best -> votes.merge(best, 1, Integer::sum));
        }
        return votes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    }

    Map<String, ByteString> metadata() {
        String way = electedProtocol();
        Map<String, ByteString> metadata = new LinkedHashMap<>();
        joined.forEach((id, joining) ->
                joining.protocol(way).ifPresent(its -> metadata.put(id, its.metadata())));
        return metadata;
    }

    private void requireClosed() {
        if (!closed) {
            throw new IllegalStateException("the rebalance is not closed yet");
        }
    }

    /** Members without an entry get no partitions. Returns the reason for a rejection. */
    Optional<Problem> assign(String from, Map<String, MemberAssignment> what) {
        if (!from.equals(leader())) {
            return malformed(
                    "Member %s is not the leader of this rebalance, member %s is."
                            .formatted(from, leader()));
        }
        Set<PartitionId> given = new TreeSet<>();
        for (Map.Entry<String, MemberAssignment> each : what.entrySet()) {
            if (!joined.containsKey(each.getKey())) {
                return malformed(
                        "There is no member %s in this rebalance.".formatted(each.getKey()));
            }
            for (PartitionId key : each.getValue().partitions()) {
                if (!given.add(key)) {
                    return malformed("Partition %s is assigned to two members.".formatted(key));
                }
            }
        }
        assignments = Map.copyOf(what);
        return Optional.empty();
    }

    private static Optional<Problem> malformed(String why) {
        return Optional.of(new Problem(Reason.MALFORMED_REQUEST, why));
    }

    MemberAssignment assignmentOf(String memberId) {
        return assignments.getOrDefault(memberId, MemberAssignment.EMPTY);
    }

    /** Deleted partitions are not leased. */
    GroupChange change(Group now, Topics topics, ByteString details) {
        List<String> left = new ArrayList<>();
        now.members()
                .forEach(member -> {
                    if (!joined.containsKey(member.id())) {
                        left.add(member.id());
                    }
                });
        List<GroupMember> members = new ArrayList<>();
        Map<PartitionId, String> target = new TreeMap<>();
        joined.forEach((id, joining) -> {
            GroupMember member = joining.member();
            MemberAssignment its = assignmentOf(id);
            members.add(
                    new GroupMember(id, member.instanceId(), member.details(), its.assignment()));
            its.partitions().stream()
                    .filter(key -> exists(key, topics))
                    .forEach(key -> target.put(key, id));
        });
        return new GroupChange(protocol, details, left, members, leases(now, left, target));
    }

    private static boolean exists(PartitionId key, Topics topics) {
        return topics.withId(key.topicId())
                .filter(topic -> key.partition() < topic.partitionCount())
                .isPresent();
    }

    /** Unchanged leases are not granted again, so that earlier commits remain valid. */
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
