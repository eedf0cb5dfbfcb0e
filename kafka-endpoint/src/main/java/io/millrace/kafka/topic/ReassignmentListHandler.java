package io.millrace.kafka.topic;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Lists no reassignments, because no node holds records of its own. */
public final class ReassignmentListHandler
        implements ApiHandler<
                ListPartitionReassignmentsRequestData, ListPartitionReassignmentsResponseData> {

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public CompletableFuture<ListPartitionReassignmentsResponseData> handle(
            RequestContext context, ListPartitionReassignmentsRequestData request) {
        ListPartitionReassignmentsResponseData answer =
                new ListPartitionReassignmentsResponseData().setErrorMessage(null);
        if (!context.authorize(
                Operation.DESCRIBE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            ApiFailure denied =
                    ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED).counted(context);
            answer.setErrorCode(denied.error().code()).setErrorMessage(denied.message());
        }
        return CompletableFuture.completedFuture(answer);
    }
}
