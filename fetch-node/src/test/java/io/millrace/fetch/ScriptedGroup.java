package io.millrace.fetch;

import io.millrace.fetch.group.AssignedPartition;
import io.millrace.fetch.group.CommitResult;
import io.millrace.fetch.group.GroupSessions;
import io.millrace.fetch.group.JoinRequest;
import io.millrace.fetch.group.Session;
import io.millrace.fetch.group.SessionListener;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A group that says what the test says, and remembers what its one member said. */
final class ScriptedGroup implements GroupSessions {

    final List<JoinRequest> joins = new ArrayList<>();
    final List<Long> marks = new ArrayList<>();
    final List<String> accepted = new ArrayList<>();
    final List<PartitionKey> released = new ArrayList<>();
    final List<List<OffsetCommit>> commits = new ArrayList<>();

    /** Of the commits, in their order. */
    final List<Long> numbers = new ArrayList<>();

    final List<CompletableFuture<CommitResult>> answers = new ArrayList<>();
    boolean left;
    boolean detached;
    private @Nullable SessionListener listener;

    @Override
    public Session join(JoinRequest request, SessionListener newListener) {
        joins.add(request);
        listener = newListener;
        return new Talk();
    }

    /** The member's ear. */
    SessionListener member() {
        if (listener == null || left || detached) {
            throw new AssertionError("there is no member that listens");
        }
        return listener;
    }

    void assign(Topic topic, int partition) {
        member().assigned(1, List.of(assigned(topic, partition)));
    }

    void assign(Topic topic, int partition, long committed) {
        member().assigned(1, List.of(assigned(topic, partition, committed, "")));
    }

    static AssignedPartition assigned(Topic topic, int partition) {
        return new AssignedPartition(key(topic, partition), Optional.empty());
    }

    static AssignedPartition assigned(Topic topic, int partition, long committed, String text) {
        return new AssignedPartition(
                key(topic, partition), Optional.of(new CommittedOffset(committed, -1, text)));
    }

    static PartitionKey key(Topic topic, int partition) {
        return new PartitionKey(topic.id(), partition);
    }

    /** Answers a commit, for each of its offsets the same. */
    void answer(int commit, CommittedRow row) {
        answers.get(commit)
                .complete(
                        new CommitResult.Judged(
                                commits.get(commit).stream().map(one -> row).toList()));
    }

    void fail(int commit, Problem problem) {
        answers.get(commit).complete(new CommitResult.Failed(problem));
    }

    private final class Talk implements Session {

        @Override
        public void alive(long mark) {
            marks.add(mark);
        }

        @Override
        public void accept(String memberId) {
            accepted.add(memberId);
        }

        @Override
        public void released(Collection<PartitionKey> partitions) {
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
