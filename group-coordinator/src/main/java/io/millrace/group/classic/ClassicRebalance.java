package io.millrace.group.classic;

import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A rebalance of a group with client-side assignment: all members join, and an elected leader
 * assigns. A join or leave after {@link #close} requires a new rebalance. Pure: the caller handles
 * timeouts.
 */
final class ClassicRebalance {

    private final Set<String> awaited;
    private final Map<String, List<String>> joined = new LinkedHashMap<>();
    private boolean closed;
    private int generation;
    private String leader = "";
    private boolean assigned;
    private Map<String, MemberAssignment> assignments = Map.of();

    /**
     * @param members the members that must join
     */
    ClassicRebalance(Collection<String> members) {
        this.awaited = new TreeSet<>(members);
    }

    /**
     * Adds a member or replaces an earlier join; not after {@link #close}.
     *
     * @param protocols the names of the supported protocols in order of preference; all members
     *     must have one in common
     */
    void join(String memberId, List<String> protocols) {
        joined.put(memberId, List.copyOf(protocols));
        awaited.remove(memberId);
    }

    /** Not after {@link #close}. */
    void leave(String memberId) {
        joined.remove(memberId);
        awaited.remove(memberId);
    }

    boolean isComplete() {
        return awaited.isEmpty();
    }

    /** Returns the members that have not joined yet. */
    List<String> absent() {
        return List.copyOf(awaited);
    }

    boolean hasJoined(String memberId) {
        return joined.containsKey(memberId);
    }

    boolean isEmpty() {
        return joined.isEmpty();
    }

    /**
     * Stops waiting. The rebalance removes members that have not joined.
     *
     * @param newGeneration the generation of the group that the rebalance creates
     * @param formerLeader leads again if it has joined
     * @param kept members that stay although they have not joined, with their protocols
     */
    void close(int newGeneration, String formerLeader, Map<String, List<String>> kept) {
        leader =
                joined.containsKey(formerLeader) ? formerLeader : joined.keySet().iterator().next();
        joined.putAll(kept);
        awaited.clear();
        generation = newGeneration;
        closed = true;
    }

    /** Returns the generation of the group that the rebalance creates. */
    int generation() {
        requireClosed();
        return generation;
    }

    /** Returns the former leader or the first member that joined. Only after {@link #close}. */
    String leader() {
        requireClosed();
        return leader;
    }

    /** Returns the members in the order of their joins. Only after {@link #close}. */
    List<String> members() {
        requireClosed();
        return List.copyOf(joined.keySet());
    }

    /**
     * Returns the protocol with the most votes among the common protocols. Only after {@link
     * #close}.
     */
    String electedProtocol() {
        requireClosed();
        return elect(joined.values());
    }

    /** Elects the common protocol that most members prefer; empty if there is none. */
    static String elect(Collection<List<String>> members) {
        Map<String, Integer> support = new TreeMap<>();
        for (List<String> protocols : members) {
            new LinkedHashSet<>(protocols).forEach(name -> support.merge(name, 1, Integer::sum));
        }
        Map<String, Integer> votes = new TreeMap<>();
        for (List<String> protocols : members) {
            protocols.stream()
                    .filter(name -> support.getOrDefault(name, 0) == members.size())
                    .findFirst()
                    .ifPresent(best -> votes.merge(best, 1, Integer::sum));
        }
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("");
    }

    private void requireClosed() {
        if (!closed) {
            throw new IllegalStateException("the rebalance is not closed yet");
        }
    }

    /**
     * Takes the leader's assignments. Members without an entry get no partitions, and entries of
     * other members are ignored. A partition that several members were assigned belongs to the
     * first of them. Only after {@link #close}.
     */
    void assign(Map<String, MemberAssignment> what) {
        requireClosed();
        assignments = Map.copyOf(what);
        assigned = true;
    }

    boolean isAssigned() {
        return assigned;
    }

    MemberAssignment assignmentOf(String memberId) {
        return assignments.getOrDefault(memberId, MemberAssignment.EMPTY);
    }

    /** Returns whether an applied state is the result of this rebalance. */
    boolean isCreated(Group now, ClassicMembers known) {
        return assigned
                && now.generation() == generation()
                && now.members().size() == joined.size()
                && joined.keySet().stream()
                        .allMatch(id ->
                                now.member(id)
                                        .filter(logged ->
                                                logged.details().equals(known.get(id).proposed))
                                        .isPresent());
    }

    /** Returns the member to which each partition is assigned. */
    Map<PartitionId, String> holders() {
        Map<PartitionId, String> holders = new TreeMap<>();
        for (String member : new ArrayList<>(joined.keySet())) {
            assignmentOf(member)
                    .partitions()
                    .forEach(partition -> holders.putIfAbsent(partition, member));
        }
        return holders;
    }
}
