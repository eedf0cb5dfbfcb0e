package io.millrace.kafka.group;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Returns committed offsets, as of the log at the time of the request. All offsets are stable:
 * there are no commits in transactions.
 */
final class OffsetFetchHandler
        implements ApiHandler<OffsetFetchRequestData, OffsetFetchResponseData> {

    private static final short FIRST_WITH_ERROR = 2;
    private static final short FIRST_WITH_GROUPS = 8;

    private final GroupBackend backend;

    OffsetFetchHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_FETCH;
    }

    @Override
    public CompletableFuture<OffsetFetchResponseData> handle(
            RequestContext context, OffsetFetchRequestData request) {
        List<OffsetFetchRequestGroup> groups =
                context.version() < FIRST_WITH_GROUPS
                        ? List.of(groupOf(request))
                        : request.groups();
        // On the event loop of the connection, because rights are read there.
        List<OffsetFetchTask> tasks =
                groups.stream().map(group -> OffsetFetchTask.of(context, backend, group)).toList();
        return backend.afterBarrier(() ->
                        CompletableFuture.completedFuture(
                                tasks.stream().map(OffsetFetchTask::run).toList()))
                .exceptionally(failure -> {
                    Errors error = GroupErrors.of(failure);
                    return groups.stream()
                            .map(group -> OffsetFetchTask.failed(group.groupId(), error))
                            .toList();
                })
                .thenApply(answers -> encode(context, request, answers));
    }

    private static OffsetFetchRequestGroup groupOf(OffsetFetchRequestData request) {
        OffsetFetchRequestGroup group =
                new OffsetFetchRequestGroup().setGroupId(request.groupId()).setTopics(null);
        return request.topics() == null
                ? group
                : group.setTopics(
                        request.topics().stream()
                                .map(topic ->
                                        new OffsetFetchRequestTopics()
                                                .setName(topic.name())
                                                .setPartitionIndexes(topic.partitionIndexes()))
                                .toList());
    }

    private static OffsetFetchResponseData encode(
            RequestContext context,
            OffsetFetchRequestData request,
            List<OffsetFetchResponseGroup> answers) {
        answers.stream()
                .map(answer -> Errors.forCode(answer.errorCode()))
                .filter(error -> error != Errors.NONE)
                .forEach(context::failed);
        if (context.version() >= FIRST_WITH_GROUPS) {
            return new OffsetFetchResponseData().setGroups(answers);
        }
        OffsetFetchResponseGroup only = answers.getFirst();
        OffsetFetchResponseData answer = new OffsetFetchResponseData();
        boolean hasGroupError = context.version() >= FIRST_WITH_ERROR;
        if (hasGroupError) {
            answer.setErrorCode(only.errorCode());
        } else if (only.errorCode() != Errors.NONE.code() && request.topics() != null) {
            request.topics()
                    .forEach(topic ->
                            only.topics()
                                    .add(
                                            OffsetFetchTask.failed(
                                                    topic.name(),
                                                    topic.partitionIndexes(),
                                                    Errors.forCode(only.errorCode()))));
        }
        only.topics()
                .forEach(topic ->
                        answer.topics()
                                .add(
                                        new OffsetFetchResponseTopic()
                                                .setName(topic.name())
                                                .setPartitions(
                                                        topic.partitions().stream()
                                                                .map(OffsetFetchHandler::single)
                                                                .toList())));
        return answer;
    }

    private static OffsetFetchResponsePartition single(
            OffsetFetchResponseData.OffsetFetchResponsePartitions partition) {
        return new OffsetFetchResponsePartition()
                .setPartitionIndex(partition.partitionIndex())
                .setCommittedOffset(partition.committedOffset())
                .setCommittedLeaderEpoch(partition.committedLeaderEpoch())
                .setMetadata(partition.metadata())
                .setErrorCode(partition.errorCode());
    }

    static boolean mayDescribe(RequestContext context, String topic) {
        return context.allows(Operation.DESCRIBE, ResourceType.TOPIC, topic);
    }
}
