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
 * Claims and releases groups for this node, through the log. Owned by the metadata's event loop.
 */
final class CoordinatorClaims {

    private final Metadata metadata;
    private final LocalNode localNode;
    private final Coordinators coordinators;

    CoordinatorClaims(Metadata metadata, LocalNode view) {
        this.metadata = metadata;
        this.localNode = view;
        this.coordinators = new Coordinators(metadata, view.members(), view.servesClassic());
    }

    Optional<Problem> rejection(String group) {
        return rejection(group, coordinators.of(group));
    }

    /** Returns the reason for which this node cannot claim the group for classic members. */
    Optional<Problem> classicRejection(String group) {
        return rejection(group, coordinators.ofClassic(group));
    }

    private Optional<Problem> rejection(String group, Optional<RegisteredNode> right) {
        OptionalLong claimed =
                metadata.groups().group(group).map(Group::coordinator).orElse(OptionalLong.empty());
        List<RegisteredNode> members = localNode.members().get();
        // Other nodes cannot determine that an incarnation lives before it is registered.
        boolean known =
                members.isEmpty()
                        || members.stream()
                                .anyMatch(member -> member.incarnation() == metadata.incarnation());
        boolean here =
                claimed.isPresent()
                        ? claimed.getAsLong() == metadata.incarnation()
                        : right.isEmpty() || right.get().node().equals(localNode.self().get());
        return here && known ? Optional.empty() : Optional.of(notCoordinator(group));
    }

    boolean isOrphanForThisNode(Group group) {
        // This node's own claim may have been applied after all callers had ended.
        return (group.coordinator().isEmpty()
                        || group.coordinator().getAsLong() == metadata.incarnation())
                && !group.members().isEmpty()
                && rejection(group.id()).isEmpty();
    }

    Problem notCoordinator(String group) {
        String self = localNode.self().get();
        return coordinators
                .of(group)
                .filter(member -> !member.node().equals(self))
                .map(member ->
                        new Problem(
                                Reason.NOT_COORDINATOR,
                                "Node %s at %s:%d coordinates group %s: connect to that node."
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
                                "Group %s has no coordinator at the moment: try again soon."
                                        .formatted(group)));
    }

    /**
     * Completes on the event loop: with an error, or empty once the applied state names this node.
     */
    CompletableFuture<Optional<Problem>> claim(String group) {
        long epoch = metadata.groups().group(group).map(Group::claimEpoch).orElse(0L);
        return metadata.propose(
                        new Command.GroupClaimed(group, metadata.incarnation(), epoch),
                        Priority.BACKGROUND)
                .thenApply(proposal ->
                        switch (proposal) {
                            case Proposal.Applied(Outcome.CommandRejected(var why), var nanos) ->
                                    Optional.of(rejected(group, why));
                            case Proposal.Applied applied -> Optional.empty();
                            case Proposal.NotApplied(var why) -> Optional.of(rejected(group, why));
                            case Proposal.Unknown(var why) -> Optional.of(why);
                        });
    }

    private Problem rejected(String group, Problem why) {
        return why.reason() == Reason.NOT_COORDINATOR ? notCoordinator(group) : why;
    }

    /** Completes on the event loop, even if the release fails. */
    CompletableFuture<Void> release(ProtocolGroup group) {
        return metadata.propose(
                        new Command.GroupReleased(group.id(), group.claimEpoch()),
                        Priority.BACKGROUND)
                .thenAccept(any -> {});
    }
}
