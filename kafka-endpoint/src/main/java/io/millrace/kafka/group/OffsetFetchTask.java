package io.millrace.kafka.group;

import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;

/**
 * The part of an offset fetch that reads one group.
 *
 * @param mayDescribe whether the client may see a topic; any thread
 */
record OffsetFetchTask(
        RequestContext context,
        GroupBackend backend,
        OffsetFetchRequestGroup request,
        boolean allowed,
        Predicate<String> mayDescribe) {

    private static final short FIRST_BY_ID = 10;
    private static final long NO_OFFSET = -1;

    static OffsetFetchTask of(
            RequestContext context, GroupBackend backend, OffsetFetchRequestGroup request) {
        boolean allowed =
                context.authorize(Operation.DESCRIBE, ResourceType.GROUP, request.groupId());
        return new OffsetFetchTask(
                context,
                backend,
                request,
                allowed,
                topic -> OffsetFetchHandler.mayDescribe(context, topic));
    }

    /** Only on the metadata's event loop. */
    OffsetFetchResponseGroup run() {
        if (!allowed) {
            return failed(request.groupId(), Errors.GROUP_AUTHORIZATION_FAILED);
        }
        if (!GroupLimits.isLegalId(request.groupId())) {
            return failed(request.groupId(), Errors.INVALID_GROUP_ID);
        }
        Optional<Group> group = backend.metadata().groups().group(request.groupId());
        Errors error = memberError(group);
        if (error != Errors.NONE) {
            return failed(request.groupId(), error);
        }
        OffsetFetchResponseGroup answer =
                new OffsetFetchResponseGroup().setGroupId(request.groupId());
        Topics topics = backend.metadata().topics();
        if (request.topics() == null) {
            group.ifPresent(known -> addAll(answer, known, topics));
        } else {
            request.topics().forEach(topic -> answer.topics().add(fetch(group, topic, topics)));
        }
        return answer;
    }

    /** A client that names its membership in a group of KIP-848 must be a member. */
    private Errors memberError(Optional<Group> group) {
        boolean namesNone = request.memberId() == null && request.memberEpoch() < 0;
        Optional<Group> consumers = group.filter(GroupKind::isConsumer);
        if (namesNone || consumers.isEmpty()) {
            return Errors.NONE;
        }
        String member = JoinGroupHandler.orEmpty(request.memberId());
        if (consumers.get().member(member).isEmpty()) {
            return Errors.UNKNOWN_MEMBER_ID;
        }
        return request.memberEpoch() < 0 || request.memberEpoch() > consumers.get().generation()
                ? Errors.STALE_MEMBER_EPOCH
                : Errors.NONE;
    }

    private void addAll(OffsetFetchResponseGroup answer, Group group, Topics topics) {
        for (long topicId : group.topics()) {
            topics.withId(topicId)
                    .filter(topic -> mayDescribe.test(topic.name()))
                    .ifPresent(topic -> {
                        OffsetFetchResponseTopics its = answer(topic.name(), id(topic));
                        for (int partition : group.partitions(topicId)) {
                            group.committed(topicId, partition)
                                    .ifPresent(offset ->
                                            its.partitions().add(encode(partition, offset)));
                        }
                        if (!its.partitions().isEmpty()) {
                            answer.topics().add(its);
                        }
                    });
        }
    }

    private OffsetFetchResponseTopics fetch(
            Optional<Group> group, OffsetFetchRequestTopics wanted, Topics topics) {
        boolean byId = context.version() >= FIRST_BY_ID;
        Optional<Topic> topic =
                byId ? backend.ids().find(topics, wanted.topicId()) : topics.named(wanted.name());
        if (byId && topic.isEmpty()) {
            return failed(wanted, Errors.UNKNOWN_TOPIC_ID);
        }
        if (!mayDescribe.test(topic.map(Topic::name).orElse(wanted.name()))) {
            return failed(wanted, Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        OffsetFetchResponseTopics answer = answer(wanted.name(), wanted.topicId());
        for (int partition : wanted.partitionIndexes()) {
            answer.partitions()
                    .add(
                            topic.filter(known ->
                                            partition >= 0 && partition < known.partitionCount())
                                    .flatMap(known ->
                                            group.flatMap(
                                                    now -> now.committed(known.id(), partition)))
                                    .map(offset -> encode(partition, offset))
                                    .orElseGet(() -> none(partition, Errors.NONE)));
        }
        return answer;
    }

    private Uuid id(Topic topic) {
        return backend.ids().of(topic);
    }

    private static OffsetFetchResponseTopics answer(String name, Uuid id) {
        return new OffsetFetchResponseTopics().setName(name).setTopicId(id);
    }

    private static OffsetFetchResponsePartitions encode(int partition, CommittedOffset offset) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(partition)
                .setCommittedOffset(offset.offset())
                .setCommittedLeaderEpoch(offset.leaderEpoch())
                .setMetadata(offset.text());
    }

    private static OffsetFetchResponsePartitions none(int partition, Errors error) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(partition)
                .setCommittedOffset(NO_OFFSET)
                .setCommittedLeaderEpoch(-1)
                .setMetadata("")
                .setErrorCode(error.code());
    }

    private static OffsetFetchResponseTopics failed(OffsetFetchRequestTopics wanted, Errors error) {
        return failed(wanted.name(), wanted.partitionIndexes(), error).setTopicId(wanted.topicId());
    }

    static OffsetFetchResponseTopics failed(String topic, List<Integer> partitions, Errors error) {
        return answer(topic, Uuid.ZERO_UUID)
                .setPartitions(
                        partitions.stream().map(partition -> none(partition, error)).toList());
    }

    static OffsetFetchResponseGroup failed(String group, Errors error) {
        return new OffsetFetchResponseGroup().setGroupId(group).setErrorCode(error.code());
    }
}
