package io.millrace.server.grpc.peer;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.SessionListener;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.peer.GroupSessionGrpc;
import io.millrace.protocol.v1.peer.SessionAccept;
import io.millrace.protocol.v1.peer.SessionHeartbeat;
import io.millrace.protocol.v1.peer.SessionJoin;
import io.millrace.protocol.v1.peer.SessionLeave;
import io.millrace.protocol.v1.peer.SessionRequest;
import io.millrace.protocol.v1.peer.SessionResponse;
import io.millrace.runtime.loop.EventLoop;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A member's session with a group coordinator on another node. This node appends commits to the
 * metadata log under the generation last received, so that the coordinator's death does not affect
 * them. Owned by the metadata's loop.
 */
final class RemoteSession implements GroupSession {

    private static final int MAX_UNREAD_RESPONSES = 16;

    private final ClientCall<SessionRequest, SessionResponse> call;
    private final EventLoop loop;
    private final GroupCommits commits;
    private final SessionJoin join;
    private final SessionListener listener;
    private final Runnable closed;
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private String memberId = "";
    private int generation;
    private boolean detached;
    private boolean ended;

    /**
     * @param channel a connection that authenticates this node
     * @param closed called on the loop when the call has ended
     */
    RemoteSession(
            Channel channel,
            EventLoop loop,
            GroupCommits commits,
            SessionJoin join,
            SessionListener listener,
            Runnable closed) {
        this.call = channel.newCall(GroupSessionGrpc.getOpenMethod(), CallOptions.DEFAULT);
        this.loop = loop;
        this.commits = commits;
        this.join = join;
        this.listener = listener;
        this.closed = closed;
    }

    void start() {
        call.start(new SessionResponseListener(), new Metadata());
        call.request(MAX_UNREAD_RESPONSES);
        send(SessionRequest.newBuilder().setJoin(join));
    }

    private void send(SessionRequest.Builder request) {
        if (!ended) {
            call.sendMessage(request.build());
        }
    }

    @Override
    public void heartbeat(long mark) {
        send(
                SessionRequest.newBuilder()
                        .setHeartbeat(SessionHeartbeat.newBuilder().setSequence(mark)));
    }

    @Override
    public void accept(String invitation) {
        send(
                SessionRequest.newBuilder()
                        .setAccept(SessionAccept.newBuilder().setMemberId(invitation)));
    }

    @Override
    public void released(Collection<PartitionId> partitions) {
        send(SessionRequest.newBuilder().setReleased(SessionCodec.partitions(partitions)));
    }

    @Override
    public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
        return detached || memberId.isEmpty()
                ? CompletableFuture.completedFuture(new CommitResult.Failed(GroupSession.LEFT))
                : commits.commit(join.getGroup(), memberId, generation, number, offsets);
    }

    @Override
    public CompletableFuture<Void> leave() {
        detached = true;
        send(SessionRequest.newBuilder().setLeave(SessionLeave.getDefaultInstance()));
        if (ended) {
            left.complete(null);
        }
        return left;
    }

    @Override
    public void detach() {
        detached = true;
        if (!ended) {
            call.cancel("the member has left", null);
        }
    }

    private void receive(SessionResponse response) {
        if (detached) {
            return;
        }
        if (response.getGeneration() > 0) {
            generation = response.getGeneration();
        }
        if (!response.getInvited().isEmpty()) {
            listener.invited(response.getInvited());
        }
        if (!response.getMemberId().isEmpty()) {
            memberId = response.getMemberId();
            listener.joined(memberId);
        }
        if (!detached && response.getLostCount() > 0) {
            listener.lost(SessionCodec.keys(response.getLostList()));
        }
        if (!detached && response.getAssignedCount() > 0) {
            List<AssignedPartition> assigned =
                    response.getAssignedList().stream().map(SessionCodec::assigned).toList();
            listener.assigned(generation, assigned);
        }
        if (!detached && response.getRevokeCount() > 0) {
            listener.revoke(SessionCodec.keys(response.getRevokeList()));
        }
        if (!detached && response.getHeartbeatSequence() > 0) {
            listener.heartbeatAcknowledged(response.getHeartbeatSequence());
        }
    }

    private void close(Status status, Metadata trailers) {
        ended = true;
        closed.run();
        left.complete(null);
        if (!detached) {
            detached = true;
            listener.ended(problem(status, trailers));
        }
    }

    private static Problem problem(Status status, Metadata trailers) {
        com.google.rpc.Status reported = StatusProto.fromStatusAndTrailers(status, trailers);
        // A node may not know yet that the other was restarted, or that it has a new incarnation.
        return Problem.fromStatus(reported)
                .filter(problem -> problem.reason() != Reason.UNAUTHENTICATED)
                .orElseGet(() ->
                        new Problem(
                                Reason.NOT_COORDINATOR,
                                "The group's coordinator node is unreachable: %s. Retry soon."
                                        .formatted(
                                                status.getDescription() == null
                                                        ? status.getCode()
                                                        : status.getDescription())));
    }

    private final class SessionResponseListener extends ClientCall.Listener<SessionResponse> {

        @Override
        public void onMessage(SessionResponse response) {
            loop.runNowOrLater(() -> {
                receive(response);
                call.request(1);
            });
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            // Deferred: the caller that opened the session does not hold a reference to it yet.
            loop.execute(() -> close(status, trailers));
        }
    }
}
