package io.millrace.fetch.subscribe;

import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's commits without a result. Results are sent in the order of the commits. Beyond
 * {@link #MAX} commits or about {@link #MAX_BYTES} bytes, commits are rejected. Owned by the
 * subscriber's event loop.
 */
final class PendingCommits {

    static final int MAX = 1000;

    static final long MAX_BYTES = 1 << 20;

    private final SubscribedPartitions holdings;
    private final ReadAccess access;
    private final Consumer<SubscriberResponse> responses;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private long pendingBytes;
    private Runnable whenAnswered = () -> {};

    private static final class Pending {
        private final long id;
        private SubscriberResponse.@Nullable Committed answer;

        private Pending(long id) {
            this.id = id;
        }
    }

    PendingCommits(
            SubscribedPartitions holdings,
            ReadAccess access,
            Consumer<SubscriberResponse> responses) {
        this.holdings = holdings;
        this.access = access;
        this.responses = responses;
    }

    void commit(SubscriberRequest.Commit commit, GroupSession session) {
        Pending pendingCommit = new Pending(commit.id());
        boolean tooMany = pending.size() >= MAX || pendingBytes >= MAX_BYTES;
        pending.add(pendingCommit);
        if (tooMany) {
            answer(pendingCommit, Optional.of(tooMany()));
            return;
        }
        List<SubscriberRequest.CommittedPosition> places = new ArrayList<>();
        List<OffsetCommit> offsets = new ArrayList<>();
        Optional<Problem> problem = Optional.empty();
        for (SubscriberRequest.CommittedPosition place : commit.positions()) {
            Optional<SubscribedPartition> holding = holdings.named(place.partition());
            Optional<Problem> refusal = access.refusal(place.partition().topic());
            if (refusal.isPresent()) {
                problem = refusal;
            } else if (holding.isEmpty()) {
                problem = Optional.of(rejected(place.partition(), Reason.PARTITION_NOT_LEASED));
            } else {
                places.add(place);
                offsets.add(
                        new OffsetCommit(
                                holding.get().key.topicId(),
                                holding.get().key.partition(),
                                new CommittedOffset(place.offset(), -1, place.text())));
            }
        }
        if (offsets.isEmpty()) {
            answer(pendingCommit, problem);
            return;
        }
        Optional<Problem> known = problem;
        long bytes = GroupCommits.bytes(offsets);
        pendingBytes += bytes;
        session.commit(commit.number(), offsets)
                .thenAccept(result -> {
                    pendingBytes -= bytes;
                    answer(pendingCommit, problem(places, result).or(() -> known));
                });
    }

    void whenAnswered(Runnable then) {
        if (pending.isEmpty()) {
            then.run();
        } else {
            whenAnswered = then;
        }
    }

    private void answer(Pending pendingCommit, Optional<Problem> problem) {
        pendingCommit.answer = new SubscriberResponse.Committed(pendingCommit.id, problem);
        while (!pending.isEmpty() && pending.getFirst().answer != null) {
            SubscriberResponse.Committed next = pending.removeFirst().answer;
            if (next != null) {
                responses.accept(next);
            }
        }
        if (pending.isEmpty()) {
            Runnable then = whenAnswered;
            whenAnswered = () -> {};
            then.run();
        }
    }

    private static Optional<Problem> problem(
            List<SubscriberRequest.CommittedPosition> places, CommitResult result) {
        return switch (result) {
            case CommitResult.Failed(Problem problem) -> Optional.of(problem);
            case CommitResult.Judged(List<RowOutcome> rows) -> {
                for (int i = 0; i < rows.size(); i++) {
                    if (rows.get(i) instanceof RowOutcome.Rejected(Reason reason)) {
                        yield Optional.of(rejected(places.get(i).partition(), reason));
                    }
                }
                yield Optional.empty();
            }
        };
    }

    private static Problem rejected(TopicPartition partition, Reason reason) {
        String name = partition.topic() + "-" + partition.partition();
        String sentence =
                switch (reason) {
                    case PARTITION_NOT_LEASED, UNKNOWN_MEMBER, STALE_GENERATION ->
                            "%s is no longer assigned to this member: discard the records read from it."
                                    .formatted(name);
                    case UNKNOWN_PARTITION ->
                            "%s no longer exists: discard the records read from it."
                                    .formatted(name);
                    case TOO_LARGE ->
                            "The text committed with the offset of %s is too long: shorten it."
                                    .formatted(name);
                    default -> "The offset of %s was rejected: %s.".formatted(name, reason);
                };
        return new Problem(
                reason,
                sentence,
                Map.of(
                        "topic", partition.topic(),
                        "partition", Integer.toString(partition.partition())));
    }

    private static Problem tooMany() {
        return new Problem(
                Reason.OVERLOADED,
                "%d commits or %d KiB of commits are pending on this stream, the maximum; wait for their responses first."
                        .formatted(MAX, MAX_BYTES >> 10));
    }
}
