package io.millrace.kafka.group;

import io.millrace.group.MemberDetails;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.AuthorizedOperations;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Describes groups of KIP-848, also those with members that use gRPC. A member's target assignment
 * is shown as its assignment: the log has only the partitions that a member holds.
 */
final class ConsumerGroupDescribeHandler
        implements ApiHandler<ConsumerGroupDescribeRequestData, ConsumerGroupDescribeResponseData> {

    private static final byte CONSUMER_MEMBER = 1;

    private final GroupBackend backend;

    ConsumerGroupDescribeHandler(GroupBackend backend) {
        this.backend = backend;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CONSUMER_GROUP_DESCRIBE;
    }

    @Override
    public CompletableFuture<ConsumerGroupDescribeResponseData> handle(
            RequestContext context, ConsumerGroupDescribeRequestData request) {
        return backend.afterBarrier(
                        () -> {
                            ConsumerGroupDescribeResponseData answer =
                                    new ConsumerGroupDescribeResponseData();
                            request.groupIds()
                                    .forEach(group ->
                                            answer.groups().add(describe(context, request, group)));
                            return CompletableFuture.completedFuture(answer);
                        })
                .exceptionally(failure -> {
                    Errors error = GroupErrors.of(failure);
                    ConsumerGroupDescribeResponseData answer =
                            new ConsumerGroupDescribeResponseData();
                    request.groupIds()
                            .forEach(group -> answer.groups().add(failed(context, group, error)));
                    return answer;
                });
    }

    private DescribedGroup describe(
            RequestContext context, ConsumerGroupDescribeRequestData request, String id) {
        if (!context.authorize(Operation.DESCRIBE, ResourceType.GROUP, id)) {
            return failed(context, id, Errors.GROUP_AUTHORIZATION_FAILED);
        }
        if (id.isEmpty()) {
            return failed(context, id, Errors.INVALID_GROUP_ID);
        }
        Optional<Group> known =
                backend.metadata()
                        .groups()
                        .group(id)
                        .filter(GroupKind::isConsumer)
                        .filter(group -> backend.classic().describe(id).isEmpty());
        if (known.isEmpty()) {
            return failed(context, id, Errors.GROUP_ID_NOT_FOUND)
                    .setErrorMessage("Group %s is no consumer group.".formatted(id));
        }
        Group group = known.get();
        DescribedGroup answer =
                new DescribedGroup()
                        .setGroupId(id)
                        .setGroupState(GroupKind.state(group))
                        .setGroupEpoch(group.generation())
                        .setAssignmentEpoch(group.generation())
                        .setAssignorName(assignor(group));
        if (request.includeAuthorizedOperations()) {
            answer.setAuthorizedOperations(
                    AuthorizedOperations.of(context, ResourceType.GROUP, id));
        }
        Map<String, List<TopicPartitions>> held = held(context, group);
        for (GroupMember member : group.members()) {
            answer.members()
                    .add(describe(group, member, held.getOrDefault(member.id(), List.of())));
        }
        return answer;
    }

    private static String assignor(Group group) {
        return group.members().stream()
                .flatMap(member -> MemberDetails.decode(member.details()).stream())
                .map(MemberDetails::assignor)
                .findFirst()
                .map(ConsumerGroupDescribeHandler::name)
                .orElse(ConsumerMembership.UNIFORM);
    }

    private static String name(AssignmentStrategy strategy) {
        return strategy == AssignmentStrategy.RANGE
                ? ConsumerMembership.RANGE
                : ConsumerMembership.UNIFORM;
    }

    private Map<String, List<TopicPartitions>> held(RequestContext context, Group group) {
        Map<String, List<TopicPartitions>> held = new HashMap<>();
        for (long topicId : group.topics()) {
            Optional<Topic> topic =
                    backend.metadata()
                            .topics()
                            .withId(topicId)
                            .filter(known -> OffsetFetchHandler.mayDescribe(context, known.name()));
            Map<String, List<Integer>> byMember = new HashMap<>();
            for (int partition :
                    topic.isPresent() ? group.partitions(topicId) : List.<Integer>of()) {
                group.lease(topicId, partition)
                        .map(Lease::member)
                        .ifPresent(member ->
                                byMember.computeIfAbsent(member, any -> new ArrayList<>())
                                        .add(partition));
            }
            byMember.forEach((member, partitions) ->
                    held.computeIfAbsent(member, any -> new ArrayList<>())
                            .add(
                                    new TopicPartitions()
                                            .setTopicId(backend.ids().of(topicId))
                                            .setTopicName(topic.orElseThrow().name())
                                            .setPartitions(partitions)));
        }
        return held;
    }

    private static Member describe(
            Group group, GroupMember member, List<TopicPartitions> partitions) {
        MemberDetails details =
                MemberDetails.decode(member.details()).orElse(MemberDetails.UNREADABLE);
        return new Member()
                .setMemberId(member.id())
                .setInstanceId(JoinGroupHandler.orNull(member.instanceId()))
                .setRackId(JoinGroupHandler.orNull(details.zone()))
                .setMemberEpoch(group.generation())
                .setClientId(details.clientId())
                .setClientHost("/" + details.origin().host())
                .setSubscribedTopicNames(details.subscription().topics().stream().sorted().toList())
                .setSubscribedTopicRegex(details.subscription().pattern())
                .setAssignment(new Assignment().setTopicPartitions(partitions))
                .setTargetAssignment(new Assignment().setTopicPartitions(partitions))
                .setMemberType(CONSUMER_MEMBER);
    }

    private static DescribedGroup failed(RequestContext context, String id, Errors error) {
        context.failed(error);
        return new DescribedGroup().setGroupId(id).setErrorCode(error.code());
    }
}
