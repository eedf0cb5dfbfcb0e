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
 * A member's session across successive coordinators. Messages wait for admission by the
 * coordinator, and releases wait for the results of earlier commits. Owned by the metadata's event
 * loop.
 */
final class RoutedSession implements GroupSession {

    private final CoordinatorConnection connection;
    private final JoinRequest request;
    private final List<Runnable> whenJoined = new ArrayList<>();

    private final Set<PartitionId> owned = new TreeSet<>();

    private SessionListener listener;
    private String memberId;
    private boolean reportedJoined;
    private boolean ownedIsKnown;
    private CompletableFuture<?> lastCommit = CompletableFuture.completedFuture(null);
    private Problem endReason = GroupSession.LEFT;
    private boolean ended;

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
        this.connection =
                new CoordinatorConnection(
                        loop, routes, request.details().sessionTimeout(), new CoordinatorEvents());
    }

    void open(CoordinatorProbe lookout) {
        connection.open(lookout);
    }

    @Override
    public void heartbeat(long mark) {
        connection.heartbeat(mark);
    }

    @Override
    public void accept(String invitation) {
        connection.accept(invitation);
    }

    @Override
    public void released(Collection<PartitionId> partitions) {
        connection.received();
        List<PartitionId> released = List.copyOf(partitions);
        afterCommits(() -> {
            owned.removeAll(released);
            // A new coordinator receives the owned partitions in the join request.
            int attempt = connection.attempt();
            whenJoined(() -> {
                GroupSession session = connection.session();
                if (session != null && connection.attempt() == attempt) {
                    session.released(released);
                }
            });
        });
    }

    private void afterCommits(Runnable then) {
        var unused =
                lastCommit.whenComplete((done, failure) -> {
                    if (!ended) {
                        then.run();
                    }
                });
    }

    @Override
    public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
        if (ended) {
            return CompletableFuture.completedFuture(new CommitResult.Failed(endReason));
        }
        connection.received();
        CompletableFuture<CommitResult> result = new CompletableFuture<>();
        lastCommit = CompletableFuture.allOf(lastCommit, result);
        whenJoined(() -> commitNow(number, offsets, result));
        return result;
    }

    private void commitNow(
            long number, List<OffsetCommit> offsets, CompletableFuture<CommitResult> result) {
        GroupSession session = connection.session();
        if (session == null || ended) {
            result.complete(new CommitResult.Failed(endReason));
            return;
        }
        var unused = session.commit(number, offsets).thenAccept(result::complete);
    }

    private void whenJoined(Runnable action) {
        if (connection.session() != null) {
            action.run();
        } else {
            whenJoined.add(action);
        }
    }

    @Override
    public CompletableFuture<Void> leave() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        listener = new NoOpSessionListener();
        if (ended) {
            left.complete(null);
        } else if (memberId.isEmpty()) {
            detach();
            left.complete(null);
        } else {
            connection.received();
            afterCommits(() -> whenJoined(() -> leave(left)));
        }
        return left;
    }

    private void leave(CompletableFuture<Void> left) {
        GroupSession session = connection.session();
        if (ended || session == null) {
            left.complete(null);
            return;
        }
        connection.drop();
        end();
        var unused = session.leave().thenRun(() -> left.complete(null));
    }

    @Override
    public void detach() {
        if (!ended) {
            end();
            connection.detach();
        }
    }

    private void end() {
        ended = true;
        runWaiting();
    }

    private void runWaiting() {
        List<Runnable> waiting = List.copyOf(whenJoined);
        whenJoined.clear();
        waiting.forEach(Runnable::run);
    }

    private final class CoordinatorEvents implements CoordinatorConnection.ConnectedMember {

        @Override
        public JoinRequest request() {
            return new JoinRequest(
                    request.group(),
                    memberId,
                    request.memberIdChosen() && !reportedJoined,
                    request.instanceId(),
                    request.details(),
                    ownedIsKnown ? Optional.of(owned) : Optional.empty(),
                    request.caller());
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
            partitions.forEach(partition -> owned.add(partition.partition()));
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
        public void heartbeatAcknowledged(long answered) {
            listener.heartbeatAcknowledged(answered);
        }

        @Override
        public void ended(Problem problem) {
            endReason = problem;
            end();
            listener.ended(problem);
        }
    }
}
