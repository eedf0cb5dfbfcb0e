package io.millrace.group;

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
import java.util.function.Supplier;

/**
 * Finds the coordinator of a group: the node that claimed the group, while its incarnation is open.
 * Otherwise, the candidate is the first fetch node in the rendezvous order of the group id. Owned
 * by the metadata's event loop.
 */
public final class Coordinators {

    private final Metadata metadata;
    private final Supplier<List<RegisteredNode>> members;

    /**
     * @param members the live nodes; called on the event loop
     */
    public Coordinators(Metadata metadata, Supplier<List<RegisteredNode>> members) {
        this.metadata = metadata;
        this.members = members;
    }

    /** Returns empty without fetch nodes, or if a dead coordinator is not declared dead yet. */
    public Optional<RegisteredNode> of(String group) {
        OptionalLong claimed =
                metadata.groups().group(group).map(Group::coordinator).orElse(OptionalLong.empty());
        return claimed.isPresent() ? withIncarnation(claimed.getAsLong()) : candidate(group);
    }

    private Optional<RegisteredNode> withIncarnation(long incarnation) {
        return members.get().stream()
                .filter(member -> member.incarnation() == incarnation)
                .findFirst();
    }

    private Optional<RegisteredNode> candidate(String group) {
        Map<String, RegisteredNode> byNode = new HashMap<>();
        for (RegisteredNode member : members.get()) {
            if (member.roles().contains(Role.FETCH)) {
                byNode.put(member.node(), member);
            }
        }
        return Rendezvous.first(byNode.keySet(), group)
                .flatMap(node -> Optional.ofNullable(byNode.get(node)));
    }
}
