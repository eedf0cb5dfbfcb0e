package io.millrace.kafka.group;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Deletes groups without members. */
final class DeleteGroupsHandler
        implements ApiHandler<DeleteGroupsRequestData, DeleteGroupsResponseData> {

    private final GroupBackend backend;

    DeleteGroupsHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_GROUPS;
    }

    @Override
    public CompletableFuture<DeleteGroupsResponseData> handle(
            RequestContext context, DeleteGroupsRequestData request) {
        List<CompletableFuture<DeletableGroupResult>> results = new ArrayList<>();
        for (String group : new LinkedHashSet<>(request.groupsNames())) {
            boolean allowed = context.authorize(Operation.DELETE, ResourceType.GROUP, group);
            results.add(
                    (allowed
                                    ? backend.onLoop(() -> delete(group))
                                    : CompletableFuture.completedFuture(
                                            Errors.GROUP_AUTHORIZATION_FAILED))
                            .thenApply(error -> result(context, group, error)));
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    DeleteGroupsResponseData answer = new DeleteGroupsResponseData();
                    results.forEach(each -> answer.results().add(each.join()));
                    return answer;
                });
    }

    private CompletableFuture<Errors> delete(String group) {
        if (!GroupLimits.isLegalId(group)) {
            return CompletableFuture.completedFuture(Errors.GROUP_ID_NOT_FOUND);
        }
        // Members that are about to join for the first time are not in the log yet.
        if (backend.classic().describe(group).filter(now -> !now.members().isEmpty()).isPresent()) {
            return CompletableFuture.completedFuture(Errors.NON_EMPTY_GROUP);
        }
        return backend.metadata()
                .propose(new Command.GroupDeleted(group), Priority.BACKGROUND)
                .thenApply(proposal ->
                        switch (proposal) {
                            case Proposal.Applied(Outcome.CommandRejected(var why), long _) ->
                                    GroupErrors.of(why.reason());
                            case Proposal.Applied(var done, long _) -> Errors.NONE;
                            case Proposal.NotApplied(var why) -> GroupErrors.of(why.reason());
                            case Proposal.Unknown(var why) -> GroupErrors.of(why.reason());
                        });
    }

    private static DeletableGroupResult result(RequestContext context, String group, Errors error) {
        if (error != Errors.NONE) {
            context.failed(error);
        }
        return new DeletableGroupResult().setGroupId(group).setErrorCode(error.code());
    }
}
