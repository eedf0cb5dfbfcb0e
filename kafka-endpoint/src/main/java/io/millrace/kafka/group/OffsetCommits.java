package io.millrace.kafka.group;

import io.millrace.group.CommitResult;
import io.millrace.group.classic.ClassicGroup;
import io.millrace.group.classic.MemberOfGeneration;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;

/**
 * Commits offsets of a member or of a client without a membership, and finds the codes that its
 * protocol has for a refusal. Only on the metadata's event loop.
 *
 * @param version the version of OffsetCommit
 */
record OffsetCommits(GroupBackend backend, short version) {

    /** Fits into a log entry if the commit metadata have the usual length. */
    private static final int MAX_ROWS_PER_ENTRY = 10_000;

    private static final int NO_GENERATION = -1;

    /** Completes with the error of each offset. */
    CompletableFuture<List<Errors>> commit(
            String group, MemberOfGeneration member, List<OffsetCommit> offsets) {
        if (member.memberId().isEmpty() && member.generation() >= 0) {
            return backend.afterBarrier(() ->
                    CompletableFuture.completedFuture(
                            Collections.nCopies(offsets.size(), unknownMember(group, member))));
        }
        return commitFrom(group, member, offsets, new ArrayList<>(offsets.size()));
    }

    private CompletableFuture<List<Errors>> commitFrom(
            String group,
            MemberOfGeneration member,
            List<OffsetCommit> offsets,
            List<Errors> done) {
        int from = done.size();
        if (from == offsets.size()) {
            return CompletableFuture.completedFuture(done);
        }
        List<OffsetCommit> part =
                offsets.subList(from, Math.min(offsets.size(), from + MAX_ROWS_PER_ENTRY));
        return backend.commits()
                .commit(
                        group,
                        member.memberId(),
                        member.memberId().isEmpty() ? NO_GENERATION : member.generation(),
                        Command.OffsetsCommitted.UNNUMBERED,
                        part)
                .thenCompose(result -> {
                    switch (result) {
                        case CommitResult.Judged(var rows) ->
                                rows.forEach(row -> done.add(error(group, member, row)));
                        case CommitResult.Failed(var why) -> {
                            Errors error = error(group, member, why.reason());
                            part.forEach(any -> done.add(error));
                        }
                    }
                    return commitFrom(group, member, offsets, done);
                });
    }

    private Errors error(String group, MemberOfGeneration member, RowOutcome row) {
        return row instanceof RowOutcome.Rejected(Reason reason)
                ? error(group, member, reason)
                : Errors.NONE;
    }

    private Errors error(String group, MemberOfGeneration member, Reason reason) {
        return switch (reason) {
            case GROUP_NOT_EMPTY -> Errors.UNKNOWN_MEMBER_ID;
            case UNKNOWN_MEMBER -> unknownMember(group, member);
            case STALE_GENERATION -> staleGeneration(isClassic(group));
            case PARTITION_NOT_LEASED -> notLeased(group, member);
            case TOO_LARGE -> Errors.OFFSET_METADATA_TOO_LARGE;
            default -> GroupErrors.of(reason);
        };
    }

    /** Kafka has codes of their own for members of a group that does not exist. */
    private Errors unknownMember(String group, MemberOfGeneration member) {
        if (member.generation() < 0 || known(group).isPresent()) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        return version < OffsetCommitHandler.FIRST_WITH_EPOCHS
                ? Errors.ILLEGAL_GENERATION
                : Errors.GROUP_ID_NOT_FOUND;
    }

    /**
     * Finds the code for a partition that the member does not hold. A member of KIP-848 can hold
     * the group's generation without the partition, because it takes partitions over one by one and
     * loses them one by one: it waits for its next heartbeat. A member of a classic group that has
     * the generation has never been assigned the partition, and joining again would not help.
     */
    private Errors notLeased(String group, MemberOfGeneration member) {
        boolean classic = isClassic(group);
        return classic && !isBehind(group, member)
                ? Errors.INVALID_REQUEST
                : staleGeneration(classic);
    }

    private static Errors staleGeneration(boolean classic) {
        return classic ? Errors.ILLEGAL_GENERATION : Errors.STALE_MEMBER_EPOCH;
    }

    private boolean isClassic(String group) {
        return known(group).filter(now -> !now.protocol().equals(ClassicGroup.PROTOCOL)).isEmpty();
    }

    /** Returns whether the group has changed since the generation of the member. */
    private boolean isBehind(String group, MemberOfGeneration member) {
        return known(group).filter(now -> now.generation() > member.generation()).isPresent();
    }

    private Optional<Group> known(String group) {
        return backend.metadata().groups().group(group);
    }
}
