package io.millrace.server.grpc.peer;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.group.GroupSessions;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.Group;
import io.millrace.protocol.v1.peer.GroupSessionGrpc;
import io.millrace.protocol.v1.peer.SessionRequest;
import io.millrace.protocol.v1.peer.SessionResponse;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.auth.NodeAuthentication;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;

/** Gives other nodes access to the group coordinator on this node. Owned by the metadata's loop. */
public final class GroupSessionService implements GrpcService {

    private final GroupSessions local;
    private final Metadata metadata;
    private final String cluster;
    private final NodeAuthentication authentication;

    /**
     * @param local the sessions of groups coordinated by this node only, so that two nodes cannot
     *     forward a member to each other
     */
    public GroupSessionService(
            GroupSessions local,
            Metadata metadata,
            String cluster,
            NodeAuthentication authentication) {
        this.local = local;
        this.metadata = metadata;
        this.cluster = cluster;
        this.authentication = authentication;
    }

    @Override
    public ServerServiceDefinition bind() {
        return authentication.protect(
                new ServiceBinder(GroupSessionGrpc.getServiceDescriptor())
                        .method(
                                GroupSessionGrpc.getOpenMethod(),
                                RequestMarshaller.of(SessionRequest.getDefaultInstance()),
                                ProtoUtils.marshaller(SessionResponse.getDefaultInstance()),
                                (call, headers) -> new GroupSessionCall(call, this))
                        .bind());
    }

    @Override
    public Audience audience() {
        return Audience.NODES;
    }

    EventLoop loop() {
        return metadata.loop();
    }

    GroupSessions local() {
        return local;
    }

    String cluster() {
        return cluster;
    }

    int generation(String group) {
        return metadata.groups().group(group).map(Group::generation).orElse(0);
    }
}
