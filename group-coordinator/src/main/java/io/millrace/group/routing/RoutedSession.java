package io.millrace.group.routing;

import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.group.routing.RoutedSessions.Route;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A member's session across successive coordinators. Messages wait until a coordinator has admitted
 * the member. Releases wait for the results of earlier commits, which may take another route. Owned
 * by the metadata's event loop.
 */
final class RoutedSession implements GroupSession {

    private final CoordinatorConnection line;
    private final JoinRequest request;
    private final List<Runnable> whenIn = new ArrayList<>();

    /** The partitions that were assigned and not released. */
    private final Set<PartitionId> owned = new TreeSet<>();

    private SessionListener listener;
    private String memberId;
    private boolean reportedJoined;
    private boolean ownedIsKnown;
    private CompletableFuture<?> lastCommit = CompletableFuture.completedFuture(null);
    private Problem why = GroupSession.LEFT;
    private boolean over;

    RoutedSession(
            EventLoop loop,
            Function<Optional<Problem>, Route> routes,
            JoinRequest request,
            SessionListener listener) {
        this.request = request;
        this.listener = listener;
        this.memberId = request.memberId();
        request.owned()
                .ifPresent(partitions -> {
                    ownedIsKnown = true;
                    owned.addAll(partitions);
                });
        this.line =
                new CoordinatorConnection(
                        loop, routes, request.details().sessionTimeout(), new Hears());
    }

    void begin(CoordinatorProbe lookout) {
        line.begin(lookout);
    }

    @Override
    public void alive(long mark) {
        line.alive(mark);
    }

    @Override
    public void accept(String invitation) {
        line.accept(invitation);
    }

    @Override
    public void released(Collection<PartitionId> partitions) {
        line.received();
        List<PartitionId> released = List.copyOf(partitions);
        afterCommits(() -> {
            owned.removeAll(released);
            // A new coordinator receives the owned partitions in the join request.
            int attempt = line.attempt();
            whenIn(() -> {
                GroupSession session = line.session();
                if (session != null && line.attempt() == attempt) {
                    session.released(released);
                }
            });
        });
    }

    private void afterCommits(Runnable then) {
        var unused =
                lastCommit.whenComplete((done, failure) -> {
                    if (!over) {
                        then.run();
                    }
                });
    }

    @Override
    public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
        if (over) {
            return CompletableFuture.completedFuture(new CommitResult.Failed(why));
        }
        line.received();
        CompletableFuture<CommitResult> result = new CompletableFuture<>();
        lastCommit = CompletableFuture.allOf(lastCommit, result);
        whenIn(() -> commitNow(number, offsets, result));
        return result;
    }

    private void commitNow(
            long number, List<OffsetCommit> offsets, CompletableFuture<CommitResult> result) {
        GroupSession session = line.session();
        if (session == null || over) {
            result.complete(new CommitResult.Failed(why));
            return;
        }
        var unused = session.commit(number, offsets).thenAccept(result::complete);
    }

    /** Runs the action now, or when the next coordinator has admitted the member. */
    private void whenIn(Runnable action) {
        if (line.session() != null) {
            action.run();
        } else {
            whenIn.add(action);
        }
    }

    @Override
    public CompletableFuture<Void> leave() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        listener = new NoOpSessionListener();
        if (over) {
            left.complete(null);
        } else if (memberId.isEmpty()) {
            detach();
            left.complete(null);
        } else {
            line.received();
            afterCommits(() -> whenIn(() -> leave(left)));
        }
        return left;
    }

    private void leave(CompletableFuture<Void> left) {
        GroupSession session = line.session();
        if (over || session == null) {
            left.complete(null);
            return;
        }
        line.drop();
        end();
        var unused = session.leave().thenRun(() -> left.complete(null));
    }

    @Override
    public void detach() {
        if (!over) {
            end();
            line.detach();
        }
    }

    private void end() {
        over = true;
        runWaiting();
    }

    private void runWaiting() {
        List<Runnable> waiting = List.copyOf(whenIn);
        whenIn.clear();
        waiting.forEach(Runnable::run);
    }

    /** The events of successive coordinators. */
    private final class Hears implements CoordinatorConnection.Member {

        @Override
        public JoinRequest request() {
            return new JoinRequest(
                    request.group(),
                    memberId,
                    request.chosen() && !reportedJoined,
                    request.instanceId(),
                    request.details(),
                    ownedIsKnown ? Optional.of(owned) : Optional.empty());
        }

        @Override
        public void invited(String invitation) {
            listener.invited(invitation);
        }

        @Override
        public void joined(String id) {
            memberId = id;
            ownedIsKnown = true;
            if (!reportedJoined) {
                reportedJoined = true;
                listener.joined(id);
            }
            runWaiting();
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            partitions.forEach(one -> owned.add(one.partition()));
            listener.assigned(generation, partitions);
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            listener.revoke(partitions);
        }

        @Override
        public void lost(List<PartitionId> partitions) {
            partitions.forEach(owned::remove);
            listener.lost(partitions);
        }

        @Override
        public void alive(long answered) {
            listener.alive(answered);
        }

        @Override
        public void ended(Problem problem) {
            why = problem;
            end();
            listener.ended(problem);
        }
    }
}
