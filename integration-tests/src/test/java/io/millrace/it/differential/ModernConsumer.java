package io.millrace.it.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** A member with the consumer protocol of KIP-848 in a scenario. */
final class ModernConsumer {

    private final Side side;
    private final String name;
    private final int version;
    private final String group;
    private final String id;
    private int epoch;
    private List<TopicPartitions> assigned = List.of();

    /**
     * @param name the label of its steps
     */
    ModernConsumer(Side side, String name, String group, String id) {
        this(side, name, ApiKeys.CONSUMER_GROUP_HEARTBEAT.latestVersion(), group, id);
    }

    ModernConsumer(Side side, String name, int version, String group, String id) {
        this.side = side;
        this.name = name;
        this.version = version;
        this.group = group;
        this.id = id;
        if (!id.isEmpty()) {
            side.answers().name(id, "member " + id);
        }
    }

    int epoch() {
        return epoch;
    }

    ConsumerGroupHeartbeatRequestData joinRequest(String... topics) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(id)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of(topics))
                .setTopicPartitions(List.of());
    }

    ConsumerGroupHeartbeatRequestData heartbeatRequest() {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(id)
                .setMemberEpoch(epoch);
    }

    void join(String label, String... topics) {
        send(label, joinRequest(topics));
    }

    void heartbeat(String label) {
        send(label, heartbeatRequest());
    }

    void send(String label, ConsumerGroupHeartbeatRequestData request) {
        take(side.call(name + " " + label, ApiKeys.CONSUMER_GROUP_HEARTBEAT, version, request));
    }

    private void take(Optional<ApiMessage> message) {
        var answer = (ConsumerGroupHeartbeatResponseData) message.orElseThrow();
        if (answer.errorCode() == Errors.NONE.code()) {
            epoch = answer.memberEpoch();
            Assignment assignment = answer.assignment();
            if (assignment != null) {
                assigned =
                        assignment.topicPartitions().stream()
                                .map(topic ->
                                        new TopicPartitions()
                                                .setTopicId(topic.topicId())
                                                .setPartitions(new ArrayList<>(topic.partitions())))
                                .toList();
            }
        }
    }

    /** Reports partitions as owned. */
    void owns(Uuid topic, Integer... partitions) {
        send(
                "owns " + List.of(partitions),
                heartbeatRequest()
                        .setTopicPartitions(
                                List.of(
                                        new TopicPartitions()
                                                .setTopicId(topic)
                                                .setPartitions(List.of(partitions)))));
    }

    /** Reports exactly the assigned partitions as owned. */
    void release(String label) {
        send(label, heartbeatRequest().setTopicPartitions(assigned));
    }

    /** Sends heartbeats until a number of partitions is assigned, and notes the last answer. */
    void awaitAssignment(String label, int partitions) {
        Optional<ApiMessage> answer;
        do {
            answer =
                    side.quietly(
                            ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                            version,
                            heartbeatRequest().setTopicPartitions(assigned));
            take(answer);
        } while (assigned.stream().mapToInt(topic -> topic.partitions().size()).sum()
                != partitions);
        side.note(name + " " + label, ApiKeys.CONSUMER_GROUP_HEARTBEAT, version, answer);
    }

    void leave(String label) {
        side.call(
                name + " " + label,
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                version,
                heartbeatRequest().setMemberEpoch(-1));
    }
}
