package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.LeaderPlacement;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.AuthorizedOperations;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Describes partitions of topics in pages, by topic name and partition. */
public final class TopicPartitionsHandler
        implements ApiHandler<
                DescribeTopicPartitionsRequestData, DescribeTopicPartitionsResponseData> {

    /** Maximum number of partitions in an answer, as in Kafka. */
    private static final int MAX_PARTITIONS = 2_000;

    /** Topics that a page of a list passes over at most, because the caller may not see them. */
    private static final int MAX_SCANNED = 10_000;

    private final Metadata metadata;
    private final KafkaNodes nodes;
    private final TopicIds ids;

    public TopicPartitionsHandler(Metadata metadata, KafkaNodes nodes, TopicIds ids) {
        this.metadata = metadata;
        this.nodes = nodes;
        this.ids = ids;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public CompletableFuture<DescribeTopicPartitionsResponseData> handle(
            RequestContext context, DescribeTopicPartitionsRequestData request) {
        if (request.cursor() != null && !isLegal(request.cursor(), request.topics())) {
            return CompletableFuture.completedFuture(refused(context, request));
        }
        Page page = new Page(context, request);
        if (request.topics().isEmpty()) {
            page.addAll();
            return CompletableFuture.completedFuture(page.answer);
        }
        TreeSet<String> names = new TreeSet<>();
        request.topics().forEach(topic -> names.add(topic.name()));
        boolean allKnown =
                names.stream().allMatch(name -> metadata.topics().named(name).isPresent());
        CompletableFuture<?> current =
                allKnown
                        ? CompletableFuture.completedFuture(null)
                        : metadata.barrier().handle((reached, failure) -> null);
        return current.thenApply(reached -> {
            page.addNamed(names);
            return page.answer;
        });
    }

    private static boolean isLegal(
            DescribeTopicPartitionsRequestData.Cursor cursor, List<TopicRequest> topics) {
        return cursor.partitionIndex() >= 0
                && (topics.isEmpty()
                        || topics.stream()
                                .anyMatch(topic -> topic.name().equals(cursor.topicName())));
    }

    private static DescribeTopicPartitionsResponseData refused(
            RequestContext context, DescribeTopicPartitionsRequestData request) {
        context.failed(Errors.INVALID_REQUEST);
        DescribeTopicPartitionsResponseData answer = new DescribeTopicPartitionsResponseData();
        for (TopicRequest topic : request.topics()) {
            answer.topics()
                    .add(
                            new DescribeTopicPartitionsResponseTopic()
                                    .setName(topic.name())
                                    .setErrorCode(Errors.INVALID_REQUEST.code()));
        }
        return answer;
    }

    /** One answer. */
    private final class Page {

        private final RequestContext context;
        private final LeaderPlacement placement;
        private final String firstTopic;
        private final int firstPartition;
        private final DescribeTopicPartitionsResponseData answer =
                new DescribeTopicPartitionsResponseData();
        private int left;

        Page(RequestContext context, DescribeTopicPartitionsRequestData request) {
            this.context = context;
            this.placement = new LeaderPlacement(nodes.live(context.listener()), context.zone());
            this.firstTopic = request.cursor() == null ? "" : request.cursor().topicName();
            this.firstPartition = request.cursor() == null ? 0 : request.cursor().partitionIndex();
            this.left = Math.clamp(request.responsePartitionLimit(), 1, MAX_PARTITIONS);
        }

        void addAll() {
            Optional<Topic> first = metadata.topics().named(firstTopic);
            List<Topic> topics = new ArrayList<>();
            first.ifPresent(topics::add);
            topics.addAll(metadata.topics().after(firstTopic, MAX_SCANNED));
            for (Topic topic : topics) {
                if (mayDescribe(topic.name()) && !add(topic)) {
                    return;
                }
            }
            if (topics.size() >= MAX_SCANNED) {
                endBefore(topics.getLast().name() + "-", 0);
            }
        }

        void addNamed(TreeSet<String> names) {
            for (String name : names.tailSet(firstTopic)) {
                Optional<Topic> topic = metadata.topics().named(name);
                if (left == 0) {
                    endBefore(name, 0);
                    return;
                }
                if (!mayDescribe(name)) {
                    addFailed(name, Errors.TOPIC_AUTHORIZATION_FAILED);
                } else if (!TopicName.isLegal(name)) {
                    addFailed(name, Errors.INVALID_TOPIC_EXCEPTION);
                } else if (topic.isEmpty()) {
                    addFailed(name, Errors.UNKNOWN_TOPIC_OR_PARTITION);
                } else if (!add(topic.get())) {
                    return;
                }
            }
        }

        private boolean mayDescribe(String name) {
            return context.allows(Operation.DESCRIBE, ResourceType.TOPIC, name);
        }

        private void addFailed(String name, Errors error) {
            context.failed(error);
            DescribeTopicPartitionsResponseTopic failed =
                    new DescribeTopicPartitionsResponseTopic()
                            .setName(name)
                            .setErrorCode(error.code());
            if (error != Errors.TOPIC_AUTHORIZATION_FAILED) {
                failed.setTopicAuthorizedOperations(
                        AuthorizedOperations.of(context, ResourceType.TOPIC, name));
            }
            answer.topics().add(failed);
        }

        /** Returns whether the topic was added to its end. */
        private boolean add(Topic topic) {
            int from = topic.name().equals(firstTopic) ? firstPartition : 0;
            if (left == 0) {
                endBefore(topic.name(), from);
                return false;
            }
            int to = (int) Math.min(topic.partitionCount(), (long) from + left);
            DescribeTopicPartitionsResponseTopic described =
                    new DescribeTopicPartitionsResponseTopic()
                            .setName(topic.name())
                            .setTopicId(ids.of(topic))
                            .setTopicAuthorizedOperations(
                                    AuthorizedOperations.of(
                                            context, ResourceType.TOPIC, topic.name()));
            for (int partition = from; partition < to; partition++) {
                described.partitions().add(describe(topic, partition));
                left--;
            }
            answer.topics().add(described);
            if (to < topic.partitionCount()) {
                endBefore(topic.name(), to);
                return false;
            }
            return true;
        }

        private void endBefore(String topic, int partition) {
            answer.setNextCursor(new Cursor().setTopicName(topic).setPartitionIndex(partition));
        }

        private DescribeTopicPartitionsResponsePartition describe(Topic topic, int partition) {
            LeaderPlacement.Place place = placement.of(topic.name(), partition);
            return new DescribeTopicPartitionsResponsePartition()
                    .setErrorCode(
                            (place.leader() < 0 ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE).code())
                    .setPartitionIndex(partition)
                    .setLeaderId(place.leader())
                    .setLeaderEpoch((int) metadata.generation())
                    .setReplicaNodes(place.replicas())
                    .setIsrNodes(place.replicas())
                    .setEligibleLeaderReplicas(List.of())
                    .setLastKnownElr(List.of())
                    .setOfflineReplicas(List.of());
        }
    }
}
