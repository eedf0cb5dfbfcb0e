package io.millrace.kafka.group;

import io.millrace.group.classic.MemberOfGeneration;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Extends the sessions of members of classic groups. */
final class HeartbeatHandler implements ApiHandler<HeartbeatRequestData, HeartbeatResponseData> {

    private final GroupBackend backend;

    HeartbeatHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.HEARTBEAT;
    }

    @Override
    public CompletableFuture<HeartbeatResponseData> handle(
            RequestContext context, HeartbeatRequestData request) {
        if (!context.authorize(Operation.READ, ResourceType.GROUP, request.groupId())) {
            return CompletableFuture.completedFuture(
                    failed(context, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        return backend.classic()
                .heartbeat(
                        request.groupId(),
                        new MemberOfGeneration(
                                request.memberId(),
                                JoinGroupHandler.orEmpty(request.groupInstanceId()),
                                request.generationId()))
                .thenApply(error ->
                        error.isEmpty()
                                ? new HeartbeatResponseData()
                                : failed(context, GroupErrors.of(error.get())));
    }

    private static HeartbeatResponseData failed(RequestContext context, Errors error) {
        context.failed(error);
        return new HeartbeatResponseData().setErrorCode(error.code());
    }
}
