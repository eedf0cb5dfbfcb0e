package io.millrace.fetch;

import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A group controlled by the test that records the requests of its one member. */
public final class ScriptedGroup implements GroupSessions {

    public final List<JoinRequest> joins = new ArrayList<>();
    public final List<Long> marks = new ArrayList<>();
    public final List<String> accepted = new ArrayList<>();
    public final List<PartitionId> released = new ArrayList<>();
    public final List<List<OffsetCommit>> commits = new ArrayList<>();

    /** Numbers of the commits, in their order. */
    public final List<Long> numbers = new ArrayList<>();

    final List<CompletableFuture<CommitResult>> answers = new ArrayList<>();
    public boolean left;
    public boolean detached;
    private @Nullable SessionListener listener;

    @Override
    public GroupSession join(JoinRequest request, SessionListener newListener) {
        joins.add(request);
        listener = newListener;
        return new Talk();
    }

    /** Returns the member's listener. */
    public SessionListener member() {
        if (listener == null || left || detached) {
            throw new AssertionError("there is no member that listens");
        }
        return listener;
    }

    public void assign(Topic topic, int partition) {
        member().assigned(1, List.of(assigned(topic, partition)));
    }

    public void assign(Topic topic, int partition, long committed) {
        member().assigned(1, List.of(assigned(topic, partition, committed, "")));
    }

    public static AssignedPartition assigned(Topic topic, int partition) {
        return new AssignedPartition(key(topic, partition), Optional.empty());
    }

    public static AssignedPartition assigned(
            Topic topic, int partition, long committed, String text) {
        return new AssignedPartition(
                key(topic, partition), Optional.of(new CommittedOffset(committed, -1, text)));
    }

    public static PartitionId key(Topic topic, int partition) {
        return new PartitionId(topic.id(), partition);
    }

    /** Answers a commit with the same result for each offset. */
    public void answer(int commit, RowOutcome row) {
        answers.get(commit)
                .complete(
                        new CommitResult.Judged(
                                commits.get(commit).stream().map(commitOfMember -> row).toList()));
    }

    public void fail(int commit, Problem problem) {
        answers.get(commit).complete(new CommitResult.Failed(problem));
    }

    private final class Talk implements GroupSession {

        @Override
        public void heartbeat(long mark) {
            marks.add(mark);
        }

        @Override
        public void accept(String memberId) {
            accepted.add(memberId);
        }

        @Override
        public void released(Collection<PartitionId> partitions) {
            released.addAll(partitions);
        }

        @Override
        public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
            CompletableFuture<CommitResult> answer = new CompletableFuture<>();
            commits.add(offsets);
            numbers.add(number);
            answers.add(answer);
            return answer;
        }

        @Override
        public CompletableFuture<Void> leave() {
            left = true;
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void detach() {
            detached = true;
        }
    }
}
