package io.millrace.group;

import io.millrace.group.classic.ClassicGroup;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.placement.Rendezvous;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Finds the coordinator of a group: the node that claimed the group, while its incarnation is open.
 * Otherwise, the candidate is the first fetch node in the rendezvous order of the group id. Owned
 * by the metadata's event loop.
 */
public final class Coordinators {

    private final Metadata metadata;
    private final Supplier<List<RegisteredNode>> members;
    private final Predicate<RegisteredNode> servesClassic;

    /** Finds coordinators in a cluster in which all nodes serve classic members. */
    public Coordinators(Metadata metadata, Supplier<List<RegisteredNode>> members) {
        this(metadata, members, node -> true);
    }

    /**
     * @param members the live nodes; called on the event loop
     * @param servesClassic whether classic members can reach a node
     */
    public Coordinators(
            Metadata metadata,
            Supplier<List<RegisteredNode>> members,
            Predicate<RegisteredNode> servesClassic) {
        this.metadata = metadata;
        this.members = members;
        this.servesClassic = servesClassic;
    }

    /** Returns empty without fetch nodes, or if a dead coordinator is not declared dead yet. */
    public Optional<RegisteredNode> of(String group) {
        Optional<Group> known = metadata.groups().group(group);
        boolean classic =
                known.filter(now -> now.protocol().equals(ClassicGroup.PROTOCOL))
                        .filter(now -> !now.members().isEmpty())
                        .isPresent();
        return of(group, known, classic);
    }

    /** Returns the coordinator for classic members, also of a group without members. */
    public Optional<RegisteredNode> ofClassic(String group) {
        return of(group, metadata.groups().group(group), true);
    }

    /**
     * Returns the node that Kafka clients of a group use: the coordinator, or if these cannot reach
     * the coordinator, the candidate among the nodes that they can.
     */
    public Optional<RegisteredNode> ofKafkaClients(String group) {
        Optional<RegisteredNode> coordinator = ofClassic(group);
        return coordinator.isEmpty() || servesClassic.test(coordinator.get())
                ? coordinator
                : candidate(group, true);
    }

    private Optional<RegisteredNode> of(String group, Optional<Group> known, boolean classic) {
        OptionalLong claimed = known.map(Group::coordinator).orElse(OptionalLong.empty());
        return claimed.isPresent()
                ? withIncarnation(claimed.getAsLong())
                : candidate(group, classic);
    }

    private Optional<RegisteredNode> withIncarnation(long incarnation) {
        return members.get().stream()
                .filter(member -> member.incarnation() == incarnation)
                .findFirst();
    }

    private Optional<RegisteredNode> candidate(String group, boolean classic) {
        Map<String, RegisteredNode> byNode = new HashMap<>();
        for (RegisteredNode member : members.get()) {
            if (member.roles().contains(Role.FETCH) && (!classic || servesClassic.test(member))) {
                byNode.put(member.node(), member);
            }
        }
        return Rendezvous.first(byNode.keySet(), group)
                .flatMap(node -> Optional.ofNullable(byNode.get(node)));
    }
}
