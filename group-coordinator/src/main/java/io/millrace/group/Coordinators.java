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
 * Which node coordinates a group, as far as this one knows: the one that claimed it for as long as
 * its incarnation is open, else the fetch node that comes first in the rendezvous order for the
 * group's id, which claims it when a member comes. Owned by the metadata's loop.
 */
public final class Coordinators {

    private final Metadata metadata;
    private final Supplier<List<RegisteredNode>> members;

    /**
     * @param members the live nodes of the cluster; asked on the loop
     */
    public Coordinators(Metadata metadata, Supplier<List<RegisteredNode>> members) {
        this.metadata = metadata;
        this.members = members;
    }

    /**
     * The node to go to for a group.
     *
     * @return empty if none is there now: the coordinator is gone and not taken for dead yet, or
     *     there is no fetch node
     */
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
