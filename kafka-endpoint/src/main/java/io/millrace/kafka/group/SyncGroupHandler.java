package io.millrace.kafka.group;

import com.google.protobuf.UnsafeByteOperations;
import io.millrace.group.classic.ClassicSync;
import io.millrace.group.classic.MemberAssignment;
import io.millrace.group.classic.MemberOfGeneration;
import io.millrace.group.classic.SyncAnswer;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Takes the assignments of leaders of classic groups, and gives members theirs. */
final class SyncGroupHandler implements ApiHandler<SyncGroupRequestData, SyncGroupResponseData> {

    private static final short FIRST_WITH_PROTOCOL_TYPE = 5;

    private final GroupBackend backend;

    SyncGroupHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.SYNC_GROUP;
    }

    @Override
    public CompletableFuture<SyncGroupResponseData> handle(
            RequestContext context, SyncGroupRequestData request) {
        if (!context.authorize(Operation.READ, ResourceType.GROUP, request.groupId())) {
            return CompletableFuture.completedFuture(
                    refused(context, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        if (context.version() >= FIRST_WITH_PROTOCOL_TYPE
                && (request.protocolType() == null || request.protocolName() == null)) {
            return CompletableFuture.completedFuture(
                    refused(context, Errors.INCONSISTENT_GROUP_PROTOCOL));
        }
        Map<String, List<ConsumerProtocolAssignment.TopicPartition>> read = partitions(request);
        return current(read)
                .thenCompose(topics ->
                        backend.classic().sync(request.groupId(), decode(request, read, topics)))
                .thenApply(answer ->
                        switch (answer) {
                            case SyncAnswer.Assigned assigned ->
                                    new SyncGroupResponseData()
                                            .setProtocolType(assigned.protocolType())
                                            .setProtocolName(assigned.protocol())
                                            .setAssignment(assigned.assignment().toByteArray());
                            case SyncAnswer.Refused(var error) ->
                                    refused(context, GroupErrors.of(error));
                        })
                .exceptionally(failure -> refused(context, GroupErrors.of(failure)));
    }

    private static Map<String, List<ConsumerProtocolAssignment.TopicPartition>> partitions(
            SyncGroupRequestData request) {
        String type = JoinGroupHandler.orEmpty(request.protocolType());
        Map<String, List<ConsumerProtocolAssignment.TopicPartition>> read = new HashMap<>();
        if (type.isEmpty() || type.equals(ConsumerAssignments.PROTOCOL_TYPE)) {
            for (SyncGroupRequestAssignment each : request.assignments()) {
                read.put(
                        each.memberId(),
                        ConsumerAssignments.partitions(ByteBuffer.wrap(each.assignment())));
            }
        }
        return read;
    }

    /** Returns topics that include the assigned topics, if these exist. */
    private CompletableFuture<Topics> current(
            Map<String, List<ConsumerProtocolAssignment.TopicPartition>> assigned) {
        Topics topics = backend.metadata().topics();
        boolean known =
                assigned.values().stream()
                        .flatMap(List::stream)
                        .allMatch(each -> topics.named(each.topic()).isPresent());
        return known
                ? CompletableFuture.completedFuture(topics)
                : backend.afterBarrier(
                        () -> CompletableFuture.completedFuture(backend.metadata().topics()));
    }

    private static ClassicSync decode(
            SyncGroupRequestData request,
            Map<String, List<ConsumerProtocolAssignment.TopicPartition>> read,
            Topics topics) {
        Map<String, MemberAssignment> assignments = new HashMap<>();
        for (SyncGroupRequestAssignment each : request.assignments()) {
            assignments.put(
                    each.memberId(),
                    new MemberAssignment(
                            UnsafeByteOperations.unsafeWrap(each.assignment()),
                            ConsumerAssignments.resolve(
                                    read.getOrDefault(each.memberId(), List.of()), topics)));
        }
        return new ClassicSync(
                new MemberOfGeneration(
                        request.memberId(),
                        JoinGroupHandler.orEmpty(request.groupInstanceId()),
                        request.generationId()),
                JoinGroupHandler.orEmpty(request.protocolType()),
                JoinGroupHandler.orEmpty(request.protocolName()),
                assignments);
    }

    private static SyncGroupResponseData refused(RequestContext context, Errors error) {
        context.failed(error);
        return new SyncGroupResponseData()
                .setErrorCode(error.code())
                .setProtocolType(null)
                .setProtocolName(null);
    }
}
