package io.millrace.server.grpc.peer;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.millrace.group.AssignedPartition;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.peer.SessionRequest;
import io.millrace.protocol.v1.peer.SessionResponse;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.LoopCall;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A GroupSession.Open call: a member of a group that this node coordinates, connected to another
 * node. Sends the events of one task in one message. Owned by the metadata's loop.
 */
final class GroupSessionCall extends LoopCall<SessionRequest, SessionResponse>
        implements SessionListener {

    private final GroupSessionService service;
    private String group = "";
    private @Nullable GroupSession session;
    private SessionResponse.@Nullable Builder pendingResponse;

    GroupSessionCall(
            ServerCall<DecodedRequest<SessionRequest>, SessionResponse> call,
            GroupSessionService service) {
        super(call, service.loop());
        this.service = service;
        run(() -> {
            call.sendHeaders(new Metadata());
            call.request(2);
        });
    }

    @Override
    protected void receive(SessionRequest message) {
        GroupSession groupSession = session;
        if (groupSession == null) {
            JoinRequest join = SessionCodec.join(service.cluster(), message.getJoin());
            group = join.group();
            session = service.local().join(join, this);
        } else {
            accept(message, groupSession);
        }
        call.request(1);
    }

    @Override
    protected void closed() {
        if (session != null) {
            session.detach();
        }
    }

    private void accept(SessionRequest message, GroupSession groupSession) {
        switch (message.getRequestCase()) {
            case HEARTBEAT -> groupSession.heartbeat(message.getHeartbeat().getSequence());
            case ACCEPT -> groupSession.accept(message.getAccept().getMemberId());
            case RELEASED ->
                    groupSession.released(
                            SessionCodec.keys(message.getReleased().getPartitionsList()));
            case LEAVE -> {
                var unused = groupSession.leave().thenRun(this::succeed);
            }
            case JOIN, REQUEST_NOT_SET ->
                    fail(
                            GrpcErrors.malformed(
                                    "SessionRequest",
                                    "neither heartbeat, accept, released nor leave is set."));
        }
    }

    @Override
    protected void fail(Problem problem) {
        if (!hasEnded()) {
            flush();
            close(problem);
            closed();
        }
    }

    /** Sent at the end of the current task. */
    private SessionResponse.Builder pendingResponse() {
        SessionResponse.Builder building = pendingResponse;
        if (building == null) {
            building = SessionResponse.newBuilder();
            pendingResponse = building;
            service.loop().execute(() -> run(this::flush));
        }
        return building;
    }

    /** Returns a new message if the current message has fields that receivers handle later. */
    private SessionResponse.Builder pendingResponseAfter(boolean others) {
        if (others) {
            flush();
        }
        return pendingResponse();
    }

    private void flush() {
        SessionResponse.Builder ready = pendingResponse;
        pendingResponse = null;
        if (ready != null && !hasEnded()) {
            call.sendMessage(ready.build());
        }
    }

    @Override
    public void invited(String memberId) {
        pendingResponse().setInvited(memberId);
    }

    @Override
    public void joined(String memberId) {
        pendingResponse().setMemberId(memberId).setGeneration(service.generation(group));
    }

    @Override
    public void lost(List<PartitionId> partitions) {
        SessionResponse.Builder to =
                pendingResponseAfter(
                        pendingResponse().getAssignedCount() > 0
                                || pendingResponse().getRevokeCount() > 0);
        partitions.forEach(key -> to.addLost(SessionCodec.partition(key)));
    }

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {
        SessionResponse.Builder to = pendingResponseAfter(pendingResponse().getRevokeCount() > 0);
        to.setGeneration(generation);
        partitions.forEach(partition -> to.addAssigned(SessionCodec.assigned(partition)));
    }

    @Override
    public void revoke(List<PartitionId> partitions) {
        SessionResponse.Builder to = pendingResponse();
        partitions.forEach(key -> to.addRevoke(SessionCodec.partition(key)));
    }

    @Override
    public void heartbeatAcknowledged(long mark) {
        pendingResponse().setHeartbeatSequence(mark);
    }

    @Override
    public void ended(Problem problem) {
        fail(problem);
    }
}
