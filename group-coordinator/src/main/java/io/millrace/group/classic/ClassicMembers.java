package io.millrace.group.classic;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of a classic group by id and by instance id. Owned by their group. */
final class ClassicMembers {

    private final Map<String, ClassicMember> byId = new LinkedHashMap<>();
    // Never iterated, so the hash order is irrelevant.
    private final Map<String, ClassicMember> byInstance = new HashMap<>();
    private final Map<String, Integer> support = new HashMap<>();

    /** Returns a copy in the order of arrival. */
    List<ClassicMember> all() {
        return List.copyOf(byId.values());
    }

    Set<String> ids() {
        return Set.copyOf(byId.keySet());
    }

    int size() {
        return byId.size();
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    /** Only for an id that {@link #rejection} accepts. */
    ClassicMember get(String id) {
        ClassicMember member = byId.get(id);
        if (member == null) {
            throw new IllegalStateException("no member " + id);
        }
        return member;
    }

    @Nullable ClassicMember ofInstance(String instanceId) {
        return instanceId.isEmpty() ? null : byInstance.get(instanceId);
    }

    /** Returns the reason for which a request cannot be of this member. */
    Optional<ClassicError> rejection(String id, String instanceId) {
        if (!instanceId.isEmpty()) {
            ClassicMember ofInstance = byInstance.get(instanceId);
            if (ofInstance != null && !ofInstance.id.equals(id)) {
                return Optional.of(ClassicError.FENCED_INSTANCE);
            }
            if (ofInstance == null) {
                return Optional.of(ClassicError.UNKNOWN_MEMBER);
            }
        }
        return byId.containsKey(id) ? Optional.empty() : Optional.of(ClassicError.UNKNOWN_MEMBER);
    }

    void add(ClassicMember member) {
        byId.put(member.id, member);
        if (member.isStatic()) {
            byInstance.put(member.instanceId, member);
        }
        count(member.protocols(), 1);
    }

    boolean remove(ClassicMember member) {
        boolean known = byId.remove(member.id, member);
        if (known) {
            byInstance.remove(member.instanceId, member);
            count(member.protocols(), -1);
        }
        return known;
    }

    /**
     * Removes members that have not joined a rebalance, except for static ones.
     *
     * @return the protocols of the static members, by id
     */
    Map<String, List<String>> removeAbsent(List<String> absent) {
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (String id : absent) {
            ClassicMember member = get(id);
            if (member.isStatic()) {
                kept.put(id, names(member.protocols()));
            } else {
                remove(member);
                member.endSession();
            }
        }
        return kept;
    }

    void update(ClassicMember member, ClassicJoin request) {
        count(member.protocols(), -1);
        member.update(request);
        count(member.protocols(), 1);
    }

    private void count(List<AssignmentProtocol> protocols, int step) {
        for (String name : new LinkedHashSet<>(names(protocols))) {
            support.merge(name, step, Integer::sum);
            support.remove(name, 0);
        }
    }

    /** Returns whether a joining member supports a protocol that all others support. */
    boolean haveInCommon(ClassicJoin request) {
        ClassicMember former =
                request.memberId().isEmpty()
                        ? ofInstance(request.instanceId())
                        : byId.get(request.memberId());
        List<String> own = former == null ? List.of() : names(former.protocols());
        int others = byId.size() - (former == null ? 0 : 1);
        return names(request.protocols()).stream()
                .anyMatch(name ->
                        support.getOrDefault(name, 0) - (own.contains(name) ? 1 : 0) == others);
    }

    /** Elects the protocol of the next rebalance. */
    String elect() {
        return ClassicRebalance.elect(
                byId.values().stream().map(member -> names(member.protocols())).toList());
    }

    /** Returns the longest rebalance timeout of all members. */
    Duration rebalanceTimeout() {
        Duration longest = Duration.ZERO;
        for (ClassicMember member : byId.values()) {
            if (member.rebalanceTimeout().compareTo(longest) > 0) {
                longest = member.rebalanceTimeout();
            }
        }
        return longest;
    }

    List<JoinAnswer.JoinedMember> metadata(String protocol) {
        return byId.values().stream()
                .map(member ->
                        new JoinAnswer.JoinedMember(
                                member.id,
                                member.instanceId,
                                member.metadata(protocol).orElse(ByteString.EMPTY)))
                .toList();
    }

    static List<String> names(List<AssignmentProtocol> protocols) {
        return protocols.stream().map(AssignmentProtocol::name).toList();
    }
}
