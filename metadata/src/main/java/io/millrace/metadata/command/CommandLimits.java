package io.millrace.metadata.command;

import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;

/**
 * Limits the ids of groups and nodes, ACLs, quotas and credentials, before a command is proposed
 * and when the command is applied. Commands of topics are limited by {@code TopicName} and {@code
 * TopicSettings}.
 */
public final class CommandLimits {

    private static final Optional<Problem> INVALID_GROUP =
            Optional.of(
                    new Problem(
                            Reason.INVALID_GROUP,
                            "The ids of groups and members must have 1 to %d bytes in UTF-8."
                                    .formatted(GroupLimits.MAX_ID_BYTES)));

    private CommandLimits() {}

    /** Returns the problem if the command exceeds a limit. */
    public static Optional<Problem> violation(Command command) {
        return switch (command) {
            case Command.GroupClaimed claimed -> invalidUnless(isLegalId(claimed.group()));
            case Command.GroupReleased released -> invalidUnless(isLegalId(released.group()));
            case Command.GroupDeleted deleted -> invalidUnless(isLegalId(deleted.group()));
            case Command.GroupChanged changed ->
                    invalidUnless(isLegalId(changed.group()) && hasLegalIds(changed.change()));
            case Command.OffsetsCommitted commit ->
                    invalidUnless(isLegalId(commit.group()) && isEmptyOrLegal(commit.member()));
            case Command.OffsetsDeleted deleted -> invalidUnless(isLegalId(deleted.group()));
            case Command.MembersRemoved removed ->
                    invalidUnless(
                            isLegalId(removed.group())
                                    && removed.members().stream()
                                            .allMatch(CommandLimits::isLegalId));
            case Command.AclsChanged changed -> SecurityLimits.violation(changed);
            case Command.QuotasChanged changed -> SecurityLimits.violation(changed);
            case Command.ScramCredentialsChanged changed -> SecurityLimits.violation(changed);
            case Command.NodeNumbered numbered -> NodeLimits.violation(numbered);
            case Command.BlockCommitted _,
                    Command.TopicCreated _,
                    Command.TopicDeleted _,
                    Command.PartitionsAdded _,
                    Command.TopicConfigured _,
                    Command.LogStartAdvanced _,
                    Command.ObjectsForgotten _,
                    Command.ExtentsReplaced _,
                    Command.ObjectsCondemned _,
                    Command.ExtentsOffloaded _,
                    Command.ExtentsReloaded _,
                    Command.KeysCompacted _,
                    Command.ProducerIdsAllocated _,
                    Command.ProducersExpired _,
                    Command.ProducerCapacityRaised _,
                    Command.IncarnationClosed _,
                    Command.FeatureLevelRaised _,
                    Command.GroupsExpired _ ->
                    Optional.empty();
        };
    }

    private static Optional<Problem> invalidUnless(boolean legal) {
        return legal ? Optional.empty() : INVALID_GROUP;
    }

    private static boolean isLegalId(String id) {
        return GroupLimits.isLegalId(id);
    }

    private static boolean hasLegalIds(GroupChange change) {
        return change.left().stream().allMatch(CommandLimits::isEmptyOrLegal)
                && change.leases().stream()
                        .map(LeaseChange::member)
                        .allMatch(CommandLimits::isEmptyOrLegal);
    }

    private static boolean isEmptyOrLegal(String id) {
        return id.isEmpty() || isLegalId(id);
    }
}
