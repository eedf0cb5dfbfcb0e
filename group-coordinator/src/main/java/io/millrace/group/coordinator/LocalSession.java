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
    private final BooleanSupplier mayAcknowledge;
    private final Supplier<CompletableFuture<Void>> barrier;
    private @Nullable CoordinatedGroup group;
    private @Nullable MemberState member;
    private @Nullable Problem endReason;
    private boolean joined;
    private long sequence;
    private boolean acknowledgementPending;
    private long lastCommit;
    private final SortedSet<Long> unsettledCommits = new TreeSet<>();

    /**
     * @param mayAnswer whether this node may act as the group's coordinator now
     * @param barrier completes when this node has applied everything committed before the call
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
        this.mayAcknowledge = mayAnswer;
        this.barrier = barrier;
    }

    JoinRequest request() {
        return request;
    }

    boolean isEnded() {
        return endReason != null;
    }

    void invited(CoordinatedGroup by, String memberId) {
        group = by;
        listener.invited(memberId);
    }

    void attach(CoordinatedGroup newGroup, MemberState newParticipant) {
        group = newGroup;
        member = newParticipant;
    }

    void joined(String memberId) {
        joined = true;
        listener.joined(memberId);
        acknowledge();
    }

    void report(int generation, OwnedPartitions.MemberNotifications news) {
        if (endReason == null && !news.lost().isEmpty()) {
            listener.lost(news.lost());
        }
        if (endReason == null && (news.isAll() || !news.assigned().isEmpty())) {
            listener.assigned(generation, news.assigned());
        }
        if (endReason == null && !news.revoke().isEmpty()) {
            listener.revoke(news.revoke());
        }
    }

    void end(Problem problem) {
        if (endReason == null) {
            endReason = problem;
            listener.ended(problem);
        }
    }

    void acknowledge() {
        if (acknowledgementPending
                && joined
                && endReason == null
                && mayAcknowledge.getAsBoolean()) {
            acknowledgementPending = false;
            listener.heartbeatAcknowledged(sequence);
        }
    }

    @Override
    public void heartbeat(long newMark) {
        if (endReason != null) {
            return;
        }
        sequence = Math.max(sequence, newMark);
        acknowledgementPending = true;
        if (group != null && member != null) {
            group.members().received(member);
        }
        acknowledge();
    }

    @Override
    public void accept(String memberId) {
        if (endReason == null && group != null) {
            group.members().acceptInvitation(this, memberId);
        }
    }

    @Override
    public void released(Collection<PartitionId> partitions) {
        if (endReason == null && group != null && member != null) {
            awaitEarlierCommits(group, member);
            group.released(member, partitions);
        }
    }

    /** Commits that were answered at other nodes may not be applied here yet. */
    private void awaitEarlierCommits(CoordinatedGroup of, MemberState by) {
        long number = ++lastCommit;
        unsettledCommits.add(number);
        var unused =
                barrier.get()
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                unsettledCommits.remove(number);
                                of.commitCompleted(by);
                            } else if (endReason == null) {
                                by.end(JoinAdmission.problem(failure));
                            }
                        });
    }

    @Override
    public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
        if (endReason != null || group == null || member == null) {
            return CompletableFuture.completedFuture(
                    new CommitResult.Failed(endReason == null ? GroupSession.LEFT : endReason));
        }
        CoordinatedGroup of = group;
        MemberState by = member;
        long place = ++lastCommit;
        unsettledCommits.add(place);
        CompletableFuture<CommitResult> result =
                commits.commit(request.group(), by.id, of.generation(), number, offsets);
        var unused =
                result.thenAccept(answered -> {
                    unsettledCommits.remove(place);
                    of.commitCompleted(by);
                });
        return result;
    }

    /** Returns the number of the last commit or barrier; starts at 1. */
    long lastCommit() {
        return lastCommit;
    }

    boolean isSettledUpTo(long commit) {
        return unsettledCommits.isEmpty() || unsettledCommits.first() > commit;
    }

    @Override
    public CompletableFuture<Void> leave() {
        if (endReason != null || group == null || member == null) {
            detach();
            return CompletableFuture.completedFuture(null);
        }
        endReason = GroupSession.LEFT;
        return group.members().leave(member);
    }

    @Override
    public void detach() {
        if (endReason == null) {
            endReason = GroupSession.LEFT;
            if (group != null && member != null) {
                group.members().detached(member);
            } else if (group != null) {
                group.members().cancelInvitation(this);
            }
        }
    }
}
