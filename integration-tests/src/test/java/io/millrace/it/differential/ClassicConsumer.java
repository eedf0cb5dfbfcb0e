package io.millrace.it.differential;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A member of a classic group in a scenario, with the newest version of each request. */
final class ClassicConsumer {

    private static final int JOIN = ApiKeys.JOIN_GROUP.latestVersion();

    private final Side side;
    private final String name;
    private final JoinGroupRequestData request;
    private final @Nullable String instance;
    private int generation = -1;

    /**
     * @param name the label of its steps and the placeholder of its id
     */
    ClassicConsumer(
            Side side, String name, @Nullable String instance, JoinGroupRequestData request) {
        this.side = side;
        this.name = name;
        this.instance = instance;
        this.request = request.setGroupInstanceId(instance);
    }

    String group() {
        return request.groupId();
    }

    String id() {
        return request.memberId();
    }

    int generation() {
        return generation;
    }

    JoinGroupRequestData request() {
        return request;
    }

    /** Joins a group whose other members need not join again. */
    void join(String label) {
        var answer =
                (JoinGroupResponseData)
                        side.quietly(ApiKeys.JOIN_GROUP, JOIN, request).orElseThrow();
        if (answer.errorCode() == Errors.MEMBER_ID_REQUIRED.code()) {
            side.answers().name(answer.memberId(), name);
            request.setMemberId(answer.memberId());
            joined((JoinGroupResponseData) begin().end(name + " " + label).orElseThrow());
        } else {
            side.answers().name(answer.memberId(), name);
            side.note(name + " " + label, ApiKeys.JOIN_GROUP, JOIN, Optional.of(answer));
            joined(answer);
        }
    }

    /** Requests an id, without joining. */
    void reserveId() {
        var answer =
                (JoinGroupResponseData)
                        side.quietly(ApiKeys.JOIN_GROUP, JOIN, request).orElseThrow();
        side.answers().name(answer.memberId(), name);
        request.setMemberId(answer.memberId());
    }

    /** Begins to join; {@link #joined} takes the answer. */
    Side.Pending begin() {
        return side.begin(ApiKeys.JOIN_GROUP, JOIN, request.duplicate());
    }

    void endJoin(String label, Side.Pending pending) {
        joined((JoinGroupResponseData) pending.end(name + " " + label).orElseThrow());
    }

    private void joined(JoinGroupResponseData answer) {
        if (answer.errorCode() == Errors.NONE.code()) {
            request.setMemberId(answer.memberId());
            generation = answer.generationId();
        }
    }

    /** Returns the request with the assignments of a leader. */
    SyncGroupRequestData syncRequest(Map<String, byte[]> assignments) {
        return new SyncGroupRequestData()
                .setGroupId(group())
                .setMemberId(id())
                .setGroupInstanceId(instance)
                .setGenerationId(generation)
                .setProtocolType(request.protocolType())
                .setProtocolName(request.protocols().iterator().next().name())
                .setAssignments(
                        assignments.entrySet().stream()
                                .map(each ->
                                        new SyncGroupRequestAssignment()
                                                .setMemberId(each.getKey())
                                                .setAssignment(each.getValue()))
                                .toList());
    }

    void sync(String label, Map<String, byte[]> assignments) {
        side.call(name + " " + label, ApiKeys.SYNC_GROUP, 5, syncRequest(assignments));
    }

    HeartbeatRequestData heartbeatRequest() {
        return new HeartbeatRequestData()
                .setGroupId(group())
                .setMemberId(id())
                .setGroupInstanceId(instance)
                .setGenerationId(generation);
    }

    void heartbeat(String label) {
        side.call(name + " " + label, ApiKeys.HEARTBEAT, 4, heartbeatRequest());
    }

    /** Sends heartbeats until they are answered with a code. */
    void awaitHeartbeat(Errors code) {
        HeartbeatResponseData answer;
        do {
            answer =
                    (HeartbeatResponseData)
                            side.quietly(ApiKeys.HEARTBEAT, 4, heartbeatRequest()).orElseThrow();
        } while (answer.errorCode() != code.code());
    }

    OffsetCommitRequestData commitRequest(String topic, int... partitions) {
        return GroupRequests.commit(group(), id(), generation, topic, partitions)
                .setGroupInstanceId(instance);
    }

    void commit(String label, String topic, int... partitions) {
        side.call(name + " " + label, ApiKeys.OFFSET_COMMIT, 9, commitRequest(topic, partitions));
    }

    void leave(String label) {
        side.call(
                name + " " + label,
                ApiKeys.LEAVE_GROUP,
                5,
                GroupRequests.leave(group(), GroupRequests.identity(id(), instance)));
    }

    /** Joins as the only member, and assigns itself partitions of a topic. */
    void run(String topic, Integer... partitions) {
        join("joins");
        sync("syncs", Map.of(id(), GroupRequests.assignment(topic, partitions)));
    }
}
