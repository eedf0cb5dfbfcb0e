package io.millrace.group.admin;

import io.millrace.group.coordinator.GroupCommits;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.admin.Page;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Administers consumer groups at any node. Owned by the metadata's event loop, on which futures
 * complete; they fail with {@link ProblemException}.
 */
public final class GroupAdmin {

    private final Metadata metadata;
    private final TimeLookup times;
    private final InstantSource clock;
    private final MemberlessCommits commits;

    public GroupAdmin(
            Metadata metadata, GroupCommits offsets, TimeLookup times, InstantSource clock) {
        this.metadata = metadata;
        this.times = times;
        this.clock = clock;
        this.commits = new MemberlessCommits(offsets);
    }

    /**
     * Lists the visible groups by id. The token of a page names none but visible groups.
     *
     * @param token empty for the first page
     * @param visible whether the group of an id is listed
     */
    public CompletableFuture<Page<GroupSummary>> list(
            String token, int requested, Predicate<String> visible) {
        return list(token, Page.size(requested, Page.MAX_ROWS), visible, List.of());
    }

    /** Scans in parts, so that the loop is not occupied for long. */
    private CompletableFuture<Page<GroupSummary>> list(
            String after, int size, Predicate<String> visible, List<GroupSummary> before) {
        return metadata.barrier()
                .thenCompose(current -> {
                    List<String> part = metadata.groups().idsAfter(after, Page.MAX_ROWS + 1);
                    Stream<GroupSummary> more =
                            part.stream()
                                    .filter(visible)
                                    .flatMap(id -> metadata.groups().group(id).stream())
                                    .map(GroupSummary::of);
                    List<GroupSummary> found =
                            Stream.concat(before.stream(), more).limit(size + 1L).toList();
                    return found.size() > size || part.size() <= Page.MAX_ROWS
                            ? CompletableFuture.completedFuture(
                                    Page.of(found, size, GroupSummary::id))
                            : list(part.getLast(), size, visible, found);
                });
    }

    /** Fails with UNKNOWN_GROUP. */
    public CompletableFuture<GroupSnapshot> describe(String group) {
        return metadata.barrier()
                .thenApply(current -> GroupSnapshot.of(existing(group), metadata, clock.millis()));
    }

    /** Fails with UNKNOWN_GROUP, or with GROUP_NOT_EMPTY if members exist. */
    public CompletableFuture<Void> delete(String group) {
        return metadata.propose(new Command.GroupDeleted(group), Metadata.Priority.BACKGROUND)
                .thenAccept(proposal -> {
                    switch (proposal) {
                        case Proposal.Applied(Outcome.CommandRejected(var why), long _) ->
                                throw new ProblemException(why);
                        case Proposal.Applied(var done, long _) -> {}
                        case Proposal.NotApplied(var why) -> throw new ProblemException(why);
                        case Proposal.Unknown(var why) -> throw new ProblemException(why);
                    }
                });
    }

    /**
     * Commits offsets without a member; fails with GROUP_NOT_EMPTY if members exist. Returns the
     * reason for the rejection of each offset; empty if stored.
     */
    public CompletableFuture<List<Optional<Problem>>> commit(
            String group, List<GroupCommit> offsets) {
        boolean knowsAll =
                offsets.stream()
                        .allMatch(each -> metadata.topics().named(each.topic()).isPresent());
        return (knowsAll ? CompletableFuture.<Void>completedFuture(null) : metadata.barrier())
                .thenCompose(current -> {
                    List<OffsetCommit> rows = new ArrayList<>(offsets.size());
                    for (GroupCommit each : offsets) {
                        rows.add(
                                new OffsetCommit(
                                        topic(each.topic()).id(),
                                        each.partition(),
                                        each.committed()));
                    }
                    return commits.commit(group, rows);
                });
    }

    /**
     * Resets committed offsets; fails with GROUP_NOT_EMPTY if members exist. Returns the changes,
     * only planned in a dry run.
     */
    public CompletableFuture<List<PartitionReset>> reset(ResetRequest request) {
        return metadata.barrier()
                .thenCompose(current -> {
                    Topic topic = topic(request.topic());
                    return offsetsOfTime(request, topic)
                            .thenCompose(found -> reset(request, topic, found));
                });
    }

    /** The reset of one partition, with the reason for a failure. */
    public record PartitionReset(OffsetMove move, Optional<Problem> problem) {}

    private CompletableFuture<List<PartitionReset>> reset(
            ResetRequest request, Topic before, Map<Integer, Long> found) {
        Topic topic = topic(request.topic());
        if (topic.id() != before.id()) {
            throw unknownTopic(request.topic());
        }
        List<OffsetMove> moves = plan(request, topic).moves(found);
        if (request.dryRun()) {
            return CompletableFuture.completedFuture(
                    moves.stream()
                            .map(move -> new PartitionReset(move, Optional.empty()))
                            .toList());
        }
        List<OffsetCommit> rows = new ArrayList<>(moves.size());
        for (OffsetMove move : moves) {
            CommittedOffset to = new CommittedOffset(move.after(), -1, "");
            rows.add(new OffsetCommit(topic.id(), move.partition(), to));
        }
        return commits.commit(request.group(), rows)
                .thenApply(problems -> {
                    List<PartitionReset> resets = new ArrayList<>(moves.size());
                    for (int i = 0; i < moves.size(); i++) {
                        resets.add(new PartitionReset(moves.get(i), problems.get(i)));
                    }
                    return resets;
                });
    }

    private ResetPlan plan(ResetRequest request, Topic topic) {
        Optional<Group> group =
                request.create()
                        ? metadata.groups().group(request.group())
                        : Optional.of(existing(request.group()));
        group.filter(known -> !known.members().isEmpty())
                .ifPresent(known -> {
                    throw problem(
                            Reason.GROUP_NOT_EMPTY,
                            "Group %s has %d members, which would not notice the reset: stop them first."
                                    .formatted(request.group(), known.members().size()));
                });
        return new ResetPlan(request, group, topic, metadata.view());
    }

    private CompletableFuture<Map<Integer, Long>> offsetsOfTime(ResetRequest request, Topic topic) {
        List<Integer> partitions = plan(request, topic).partitions();
        if (!(request.target() instanceof ResetTarget.Time(long timestampMs))) {
            return CompletableFuture.completedFuture(Map.of());
        }
        OffsetLookup.LookupPosition at = new OffsetLookup.LookupPosition.Time(timestampMs);
        return times.find(
                        partitions.stream()
                                .map(partition -> new OffsetLookup(topic.name(), partition, at))
                                .toList())
                .thenApply(answers -> {
                    Map<Integer, Long> found = new HashMap<>();
                    for (int i = 0; i < partitions.size(); i++) {
                        switch (answers.get(i)) {
                            case OffsetResult.Found(long offset, long _) ->
                                    found.put(partitions.get(i), offset);
                            case OffsetResult.Failed(var why) -> throw new ProblemException(why);
                        }
                    }
                    return found;
                });
    }

    private Group existing(String group) {
        if (!GroupLimits.isLegalId(group)) {
            throw problem(
                    Reason.INVALID_GROUP,
                    "The id of a group must have 1 to %d bytes in UTF-8."
                            .formatted(GroupLimits.MAX_ID_BYTES));
        }
        return metadata.groups()
                .group(group)
                .orElseThrow(() ->
                        problem(
                                Reason.UNKNOWN_GROUP,
                                "There is no group %s: check the name. Groups without members expire after a while."
                                        .formatted(group)));
    }

    private Topic topic(String name) {
        return metadata.topics().named(name).orElseThrow(() -> unknownTopic(name));
    }

    private static ProblemException unknownTopic(String name) {
        return problem(
                Reason.UNKNOWN_TOPIC,
                "There is no topic %s; create it or correct the name.".formatted(name));
    }

    private static ProblemException problem(Reason reason, String message) {
        return new ProblemException(new Problem(reason, message));
    }
}
