package io.millrace.group.coordinator;

import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A session with a group that this node coordinates. Owned by the metadata's event loop. */
final class LocalSession implements GroupSession {

    private final JoinRequest request;
    private final SessionListener listener;
    private final GroupCommits commits;
    private final BooleanSupplier mayAnswer;
    private final Supplier<CompletableFuture<Void>> barrier;
    private @Nullable CoordinatedGroup group;
    private @Nullable MemberState participant;
    private @Nullable Problem over;
    private boolean joined;
    private long mark;
    private boolean owesAnswer;
    private long lastCommit;
    private final SortedSet<Long> unanswered = new TreeSet<>();

    /**
     * @param mayAnswer whether this node may act as the group's coordinator now
     * @param barrier completes when this node's metadata include everything committed before the
     *     call
     */
    LocalSession(
            JoinRequest request,
            SessionListener listener,
            GroupCommits commits,
            BooleanSupplier mayAnswer,
            Supplier<CompletableFuture<Void>> barrier) {
        this.request = request;
        this.listener = listener;
        this.commits = commits;
        this.mayAnswer = mayAnswer;
        this.barrier = barrier;
    }

    JoinRequest request() {
        return request;
    }

    boolean isOver() {
        return over != null;
    }

    /** Invites the session to take over the instance id. */
    void invited(CoordinatedGroup by, String memberId) {
        group = by;
        listener.invited(memberId);
    }

    void attach(CoordinatedGroup newGroup, MemberState newParticipant) {
        group = newGroup;
        participant = newParticipant;
    }

    void joined(String memberId) {
        joined = true;
        listener.joined(memberId);
        answer();
    }

    void report(int generation, OwnedPartitions.News news) {
        if (over == null && !news.lost().isEmpty()) {
            listener.lost(news.lost());
        }
        if (over == null && (news.isAll() || !news.assigned().isEmpty())) {
            listener.assigned(generation, news.assigned());
        }
        if (over == null && !news.revoke().isEmpty()) {
            listener.revoke(news.revoke());
        }
    }

    void end(Problem problem) {
        if (over == null) {
            over = problem;
            listener.ended(problem);
        }
    }

    /** Acknowledges the last heartbeat, if that is pending and allowed. */
    void answer() {
        if (owesAnswer && joined && over == null && mayAnswer.getAsBoolean()) {
            owesAnswer = false;
            listener.alive(mark);
        }
    }

    @Override
    public void alive(long newMark) {
        if (over != null) {
            return;
        }
        mark = Math.max(mark, newMark);
        owesAnswer = true;
        if (group != null && participant != null) {
            group.roster().received(participant);
        }
        answer();
    }

    @Override
    public void accept(String memberId) {
        if (over == null && group != null) {
            group.roster().accepted(this, memberId);
        }
    }

    @Override
    public void released(Collection<PartitionId> partitions) {
        if (over == null && group != null && participant != null) {
            seeCommits(group, participant);
            group.released(participant, partitions);
        }
    }

    /** Commits that were answered at other nodes may not be applied here yet. */
    private void seeCommits(CoordinatedGroup of, MemberState by) {
        long number = ++lastCommit;
        unanswered.add(number);
        var unused =
                barrier.get()
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                unanswered.remove(number);
                                of.committed(by);
                            } else if (over == null) {
                                by.end(JoinAdmission.problem(failure));
                            }
                        });
    }

    @Override
    public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
        if (over != null || group == null || participant == null) {
            return CompletableFuture.completedFuture(
                    new CommitResult.Failed(over == null ? GroupSession.LEFT : over));
        }
        CoordinatedGroup of = group;
        MemberState by = participant;
        long place = ++lastCommit;
        unanswered.add(place);
        CompletableFuture<CommitResult> result =
                commits.commit(request.group(), by.id, of.generation(), number, offsets);
        var unused =
                result.thenAccept(answered -> {
                    unanswered.remove(place);
                    of.committed(by);
                });
        return result;
    }

    /**
     * Returns the number of the last commit, or of a barrier in place of commits elsewhere; starts
     * at 1.
     */
    long lastCommit() {
        return lastCommit;
    }

    /** Returns whether the results of all commits up to this number are known. */
    boolean isKnownUpTo(long commit) {
        return unanswered.isEmpty() || unanswered.first() > commit;
    }

    @Override
    public CompletableFuture<Void> leave() {
        if (over != null || group == null || participant == null) {
            detach();
            return CompletableFuture.completedFuture(null);
        }
        over = GroupSession.LEFT;
        return group.roster().leave(participant);
    }

    @Override
    public void detach() {
        if (over == null) {
            over = GroupSession.LEFT;
            if (group != null && participant != null) {
                group.roster().detached(participant);
            } else if (group != null) {
                group.roster().forget(this);
            }
        }
    }
}
