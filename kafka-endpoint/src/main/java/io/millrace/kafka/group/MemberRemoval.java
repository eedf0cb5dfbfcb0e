package io.millrace.kafka.group;

import io.millrace.group.coordinator.ClassicGroups.Leaving;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;

/**
 * Removes members of a group through the log, at any node. Their coordinator then ends the
 * sessions. Only on the metadata's event loop.
 */
record MemberRemoval(Metadata metadata) {

    /** Completes with the error of each member. */
    CompletableFuture<List<Errors>> remove(Group group, List<Leaving> members) {
        List<Errors> errors = new ArrayList<>();
        List<String> found = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Leaving member : members) {
            Optional<GroupMember> known = find(group, member);
            known.ifPresent(its -> {
                places.add(errors.size());
                found.add(its.id());
            });
            errors.add(known.isPresent() ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID);
        }
        if (found.isEmpty()) {
            return CompletableFuture.completedFuture(errors);
        }
        return metadata.propose(new Command.MembersRemoved(group.id(), found), Priority.BACKGROUND)
                .thenApply(proposal -> {
                    switch (proposal) {
                        case Proposal.Applied(Outcome.Rows(var rows), long _) -> {
                            for (int i = 0; i < rows.size(); i++) {
                                if (rows.get(i) instanceof RowOutcome.Rejected(var reason)) {
                                    errors.set(places.get(i), GroupErrors.of(reason));
                                }
                            }
                        }
                        case Proposal.Applied(Outcome.CommandRejected(var why), long _) ->
                                places.forEach(
                                        place -> errors.set(place, GroupErrors.of(why.reason())));
                        case Proposal.Applied(Outcome other, long _) ->
                                throw new IllegalStateException("a removal became " + other);
                        case Proposal.NotApplied(var why) ->
                                places.forEach(
                                        place -> errors.set(place, GroupErrors.of(why.reason())));
                        case Proposal.Unknown(var why) ->
                                places.forEach(
                                        place -> errors.set(place, GroupErrors.of(why.reason())));
                    }
                    return errors;
                });
    }

    private static Optional<GroupMember> find(Group group, Leaving member) {
        return group.members().stream()
                .filter(known ->
                        member.memberId().isEmpty()
                                ? !member.instanceId().isEmpty()
                                        && known.instanceId().equals(member.instanceId())
                                : known.id().equals(member.memberId()))
                .findFirst();
    }
}
