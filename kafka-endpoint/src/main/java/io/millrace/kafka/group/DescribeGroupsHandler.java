package io.millrace.kafka.group;

import io.millrace.group.classic.ClassicDescription;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.AuthorizedOperations;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.group.Group;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Describes classic groups. Groups of other kinds do not exist for this API. */
final class DescribeGroupsHandler
        implements ApiHandler<DescribeGroupsRequestData, DescribeGroupsResponseData> {

    private static final short FIRST_WITH_NOT_FOUND = 6;

    private final GroupBackend backend;

    DescribeGroupsHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_GROUPS;
    }

    @Override
    public CompletableFuture<DescribeGroupsResponseData> handle(
            RequestContext context, DescribeGroupsRequestData request) {
        return backend.afterBarrier(
                        () -> {
                            DescribeGroupsResponseData answer = new DescribeGroupsResponseData();
                            request.groups()
                                    .forEach(group ->
                                            answer.groups().add(describe(context, request, group)));
                            return CompletableFuture.completedFuture(answer);
                        })
                .exceptionally(failure -> {
                    Errors error = GroupErrors.of(failure);
                    DescribeGroupsResponseData answer = new DescribeGroupsResponseData();
                    request.groups()
                            .forEach(group -> answer.groups().add(failed(context, group, error)));
                    return answer;
                });
    }

    private DescribedGroup describe(
            RequestContext context, DescribeGroupsRequestData request, String id) {
        if (!context.authorize(Operation.DESCRIBE, ResourceType.GROUP, id)) {
            return failed(context, id, Errors.GROUP_AUTHORIZATION_FAILED);
        }
        Optional<ClassicDescription> coordinated = backend.classic().describe(id);
        Optional<Group> known =
                backend.metadata()
                        .groups()
                        .group(id)
                        .filter(group -> !GroupKind.isConsumer(group) || coordinated.isPresent());
        if (known.isEmpty()) {
            DescribedGroup dead = new DescribedGroup().setGroupId(id).setGroupState(GroupKind.DEAD);
            return context.version() < FIRST_WITH_NOT_FOUND
                    ? dead
                    : failed(context, id, Errors.GROUP_ID_NOT_FOUND)
                            .setGroupState(GroupKind.DEAD)
                            .setErrorMessage("Group %s not found.".formatted(id));
        }
        ClassicDescription group = GroupKind.describe(known.get(), coordinated);
        DescribedGroup answer =
                new DescribedGroup()
                        .setGroupId(id)
                        .setGroupState(GroupKind.name(group.state()))
                        .setProtocolType(group.protocolType())
                        .setProtocolData(group.protocol());
        if (request.includeAuthorizedOperations()) {
            answer.setAuthorizedOperations(
                    AuthorizedOperations.of(context, ResourceType.GROUP, id));
        }
        for (ClassicDescription.Member member : group.members()) {
            answer.members()
                    .add(
                            new DescribedGroupMember()
                                    .setMemberId(member.memberId())
                                    .setGroupInstanceId(
                                            JoinGroupHandler.orNull(member.instanceId()))
                                    .setClientId(member.clientId())
                                    .setClientHost(member.host())
                                    .setMemberMetadata(member.metadata().toByteArray())
                                    .setMemberAssignment(member.assignment().toByteArray()));
        }
        return answer;
    }

    private static DescribedGroup failed(RequestContext context, String id, Errors error) {
        context.failed(error);
        return new DescribedGroup().setGroupId(id).setErrorCode(error.code());
    }
}
