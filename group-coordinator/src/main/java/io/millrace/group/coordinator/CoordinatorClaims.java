package io.millrace.group.coordinator;

import io.millrace.group.Coordinators;
import io.millrace.group.LocalNode;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Takes groups for this node and gives them up, through the log. A group stays with the node that
 * has it as long as that one lives, whoever comes; only a group that nobody has goes to the node
 * that comes first for it. Owned by the metadata's loop.
 */
final class CoordinatorClaims {

    private final Metadata metadata;
    private final LocalNode view;
    private final Coordinators coordinators;

    CoordinatorClaims(Metadata metadata, LocalNode view) {
        this.metadata = metadata;
        this.view = view;
        this.coordinators = new Coordinators(metadata, view.members());
    }

    /** Why this node may not claim a group; empty if it may. */
    Optional<Problem> rejection(String group) {
        OptionalLong claimed =
                metadata.groups().group(group).map(Group::coordinator).orElse(OptionalLong.empty());
        Optional<RegisteredNode> right = coordinators.of(group);
        List<RegisteredNode> members = view.members().get();
        // Of an incarnation that the others do not know yet, nobody can tell that it lives.
        boolean known =
                members.isEmpty()
                        || members.stream()
                                .anyMatch(one -> one.incarnation() == metadata.incarnation());
        boolean here =
                claimed.isPresent()
                        ? claimed.getAsLong() == metadata.incarnation()
                        : right.isEmpty() || right.get().node().equals(view.self().get());
        return here && known ? Optional.empty() : Optional.of(notCoordinator(group));
    }

    /**
     * Whether this node is to coordinate this group, which has members, if it does not do so yet.
     */
    boolean isOrphanForThisNode(Group group) {
        // Its own claim may have been applied after nobody waited for it any more.
        return (group.coordinator().isEmpty()
                        || group.coordinator().getAsLong() == metadata.incarnation())
                && !group.members().isEmpty()
                && rejection(group.id()).isEmpty();
    }

    /** That this node does not coordinate a group, and who does, if that is known. */
    Problem notCoordinator(String group) {
        String self = view.self().get();
        return coordinators
                .of(group)
                .filter(member -> !member.node().equals(self))
                .map(member ->
                        new Problem(
                                Reason.NOT_COORDINATOR,
                                "Node %s at %s:%d coordinates group %s: ask there."
                                        .formatted(
                                                member.node(), member.host(), member.port(), group),
                                Map.of(
                                        "node",
                                        member.node(),
                                        "host",
                                        member.host(),
                                        "port",
                                        Integer.toString(member.port()))))
                .orElseGet(() ->
                        new Problem(
                                Reason.NOT_COORDINATOR,
                                "Nobody coordinates group %s at the moment: try again soon."
                                        .formatted(group)));
    }

    /**
     * Claims a group.
     *
     * @return completes on the loop with what is wrong, or with nothing when the applied state says
     *     that this node coordinates it
     */
    CompletableFuture<Optional<Problem>> claim(String group) {
        long epoch = metadata.groups().group(group).map(Group::claimEpoch).orElse(0L);
        return metadata.propose(
                        new Command.GroupClaimed(group, metadata.incarnation(), epoch),
                        Priority.BACKGROUND)
                .thenApply(proposal ->
                        switch (proposal) {
                            case Proposal.Applied(Outcome.Rejected(var why), var nanos) ->
                                    Optional.of(rejected(group, why));
                            case Proposal.Applied applied -> Optional.empty();
                            case Proposal.NotApplied(var why) -> Optional.of(rejected(group, why));
                            case Proposal.Unknown(var why) -> Optional.of(why);
                        });
    }

    private Problem rejected(String group, Problem why) {
        return why.reason() == Reason.NOT_COORDINATOR ? notCoordinator(group) : why;
    }

    /** Gives a group up; completes on the loop, whatever becomes of it. */
    CompletableFuture<Void> release(CoordinatedGroup group) {
        return metadata.propose(
                        new Command.GroupReleased(group.id(), group.claimEpoch()),
                        Priority.BACKGROUND)
                .thenAccept(any -> {});
    }
}
