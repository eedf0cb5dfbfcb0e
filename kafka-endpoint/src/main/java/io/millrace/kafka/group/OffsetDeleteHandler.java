package io.millrace.kafka.group;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Deletes committed offsets of topics to which no member subscribes. */
final class OffsetDeleteHandler
        implements ApiHandler<OffsetDeleteRequestData, OffsetDeleteResponseData> {

    private final GroupBackend backend;

    OffsetDeleteHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_DELETE;
    }

    @Override
    public CompletableFuture<OffsetDeleteResponseData> handle(
            RequestContext context, OffsetDeleteRequestData request) {
        if (!context.authorize(Operation.DELETE, ResourceType.GROUP, request.groupId())) {
            return CompletableFuture.completedFuture(
                    failed(context, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        if (!GroupLimits.isLegalId(request.groupId())) {
            return CompletableFuture.completedFuture(failed(context, Errors.INVALID_GROUP_ID));
        }
        return backend.afterBarrier(() -> delete(context, request))
                .exceptionally(failure -> failed(context, GroupErrors.of(failure)));
    }

    private CompletableFuture<OffsetDeleteResponseData> delete(
            RequestContext context, OffsetDeleteRequestData request) {
        Optional<Group> group = backend.metadata().groups().group(request.groupId());
        if (group.isEmpty()) {
            return CompletableFuture.completedFuture(failed(context, Errors.GROUP_ID_NOT_FOUND));
        }
        Group known = group.get();
        if (!known.members().isEmpty()
                && !GroupKind.protocolType(known).equals(ConsumerAssignments.PROTOCOL_TYPE)) {
            return CompletableFuture.completedFuture(failed(context, Errors.NON_EMPTY_GROUP));
        }
        OffsetDeleteResponseData answer = new OffsetDeleteResponseData();
        List<PartitionId> keys = new ArrayList<>();
        List<OffsetDeleteResponsePartition> rows = new ArrayList<>();
        for (OffsetDeleteRequestTopic wanted : request.topics()) {
            if (wanted.partitions().isEmpty()) {
                continue;
            }
            OffsetDeleteResponseTopic its = new OffsetDeleteResponseTopic().setName(wanted.name());
            answer.topics().add(its);
            Optional<Topic> topic = backend.metadata().topics().named(wanted.name());
            Errors error = error(context, known, wanted.name(), topic);
            for (OffsetDeleteRequestPartition partition : wanted.partitions()) {
                int number = partition.partitionIndex();
                boolean exists =
                        topic.filter(found -> number >= 0 && number < found.partitionCount())
                                .isPresent();
                boolean unauthorized = error == Errors.TOPIC_AUTHORIZATION_FAILED;
                Errors wrong = exists || unauthorized ? error : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                OffsetDeleteResponsePartition row =
                        new OffsetDeleteResponsePartition()
                                .setPartitionIndex(number)
                                .setErrorCode(wrong.code());
                its.partitions().add(row);
                if (wrong == Errors.NONE) {
                    keys.add(new PartitionId(topic.orElseThrow().id(), number));
                    rows.add(row);
                }
            }
        }
        return delete(request.groupId(), keys, rows).thenApply(done -> answer);
    }

    private static Errors error(
            RequestContext context, Group group, String name, Optional<Topic> topic) {
        if (!context.authorize(Operation.READ, ResourceType.TOPIC, name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return topic.isEmpty()
                ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                : GroupKind.deletionError(group, name);
    }

    private CompletableFuture<Void> delete(
            String group, List<PartitionId> keys, List<OffsetDeleteResponsePartition> rows) {
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return backend.metadata()
                .propose(new Command.OffsetsDeleted(group, keys), Priority.BACKGROUND)
                .thenAccept(proposal -> {
                    switch (proposal) {
                        case Proposal.Applied(Outcome.Rows(var outcomes), long _) -> {
                            for (int i = 0; i < rows.size(); i++) {
                                if (outcomes.get(i) instanceof RowOutcome.Rejected) {
                                    rows.get(i)
                                            .setErrorCode(Errors.GROUP_SUBSCRIBED_TO_TOPIC.code());
                                }
                            }
                        }
                        case Proposal.Applied(Outcome.CommandRejected(var why), long _) ->
                                throw problem(why);
                        case Proposal.Applied(Outcome other, long _) ->
                                throw new IllegalStateException("a deletion became " + other);
                        case Proposal.NotApplied(var why) -> throw problem(why);
                        case Proposal.Unknown(var why) -> throw problem(why);
                    }
                });
    }

    private static ProblemException problem(Problem why) {
        return new ProblemException(why);
    }

    private static OffsetDeleteResponseData failed(RequestContext context, Errors error) {
        context.failed(error);
        return new OffsetDeleteResponseData().setErrorCode(error.code());
    }
}
