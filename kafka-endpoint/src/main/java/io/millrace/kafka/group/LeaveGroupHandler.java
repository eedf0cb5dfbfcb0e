package io.millrace.kafka.group;

import io.millrace.group.classic.ClassicError;
import io.millrace.group.classic.ClassicGroup;
import io.millrace.group.coordinator.ClassicGroups.Leaving;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.group.Group;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Removes members from groups, at their own request or that of an administrator. Members of groups
 * that are not classic are removed through the log.
 */
final class LeaveGroupHandler implements ApiHandler<LeaveGroupRequestData, LeaveGroupResponseData> {

    private static final short FIRST_WITH_MEMBERS = 3;

    private final GroupBackend backend;

    LeaveGroupHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LEAVE_GROUP;
    }

    @Override
    public CompletableFuture<LeaveGroupResponseData> handle(
            RequestContext context, LeaveGroupRequestData request) {
        if (!context.authorize(Operation.READ, ResourceType.GROUP, request.groupId())) {
            return CompletableFuture.completedFuture(
                    failed(context, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        List<Leaving> members =
                context.version() < FIRST_WITH_MEMBERS
                        ? List.of(new Leaving(request.memberId(), ""))
                        : request.members().stream()
                                .map(member ->
                                        new Leaving(
                                                member.memberId(),
                                                JoinGroupHandler.orEmpty(member.groupInstanceId())))
                                .toList();
        return backend.onLoop(() -> remove(request.groupId(), members))
                .thenApply(errors -> encode(context, members, errors))
                .exceptionally(failure -> failed(context, GroupErrors.of(failure)));
    }

    private CompletableFuture<List<Errors>> remove(String group, List<Leaving> members) {
        Optional<Group> known =
                backend.metadata()
                        .groups()
                        .group(group)
                        .filter(now -> !now.members().isEmpty())
                        .filter(now -> !now.protocol().equals(ClassicGroup.PROTOCOL));
        return known.isPresent()
                ? new MemberRemoval(backend.metadata()).remove(known.get(), members)
                : backend.classic()
                        .leave(group, members)
                        .thenApply(
                                errors -> errors.stream().map(LeaveGroupHandler::error).toList());
    }

    private static Errors error(Optional<ClassicError> error) {
        return error.map(GroupErrors::of).orElse(Errors.NONE);
    }

    private static LeaveGroupResponseData encode(
            RequestContext context, List<Leaving> members, List<Errors> errors) {
        errors.stream().filter(error -> error != Errors.NONE).forEach(context::failed);
        if (context.version() < FIRST_WITH_MEMBERS) {
            return new LeaveGroupResponseData().setErrorCode(errors.getFirst().code());
        }
        LeaveGroupResponseData answer = new LeaveGroupResponseData();
        for (Errors error : errors) {
            if (error == Errors.NOT_COORDINATOR
                    || error == Errors.COORDINATOR_NOT_AVAILABLE
                    || error == Errors.INVALID_GROUP_ID) {
                return answer.setErrorCode(error.code());
            }
        }
        for (int i = 0; i < members.size(); i++) {
            answer.members()
                    .add(
                            new MemberResponse()
                                    .setMemberId(members.get(i).memberId())
                                    .setGroupInstanceId(
                                            JoinGroupHandler.orNull(members.get(i).instanceId()))
                                    .setErrorCode(errors.get(i).code()));
        }
        return answer;
    }

    private static LeaveGroupResponseData failed(RequestContext context, Errors error) {
        context.failed(error);
        return new LeaveGroupResponseData().setErrorCode(error.code());
    }
}
