package io.millrace.it.differential;

import static io.millrace.it.differential.GroupRequests.commit;
import static io.millrace.it.differential.GroupRequests.join;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Groups whose coordinator assigns: KIP-848. */
final class ConsumerScenarios {

    private ConsumerScenarios() {}

    private static void beat(
            Side side, String label, int version, ConsumerGroupHeartbeatRequestData request) {
        side.call(label, ApiKeys.CONSUMER_GROUP_HEARTBEAT, version, request);
    }

    private static TopicPartitions owned(Uuid id, Integer... partitions) {
        return new TopicPartitions().setTopicId(id).setPartitions(List.of(partitions));
    }

    static void heartbeats(Side side) {
        Uuid id = side.createTopic("modern", 2);
        GroupRequests.awaitCoordinator(side);
        beat(
                side,
                "server chooses the id",
                0,
                new ModernConsumer(side, "", "modern-0", "").joinRequest("modern"));
        for (int version = 0; version <= 1; version++) {
            String group = "modern-life-" + version;
            var member = new ModernConsumer(side, "v" + version, version, group, "m-" + version);
            member.join("joins", "modern");
            member.heartbeat("goes on");
            member.send(
                    "owns", member.heartbeatRequest().setTopicPartitions(List.of(owned(id, 0, 1))));
            member.heartbeat("after it owns");
            member.send("repeats all", repeated(member, id));
            for (int off : new int[] {1, 100}) {
                beat(
                        side,
                        "epoch off by " + off,
                        version,
                        member.heartbeatRequest().setMemberEpoch(member.epoch() + off));
            }
            for (int epoch : new int[] {-2, -3, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                beat(
                        side,
                        "epoch " + epoch,
                        version,
                        member.heartbeatRequest().setMemberEpoch(epoch));
            }
            beat(side, "unknown member", version, member.heartbeatRequest().setMemberId("unknown"));
            beat(
                    side,
                    "unknown member leaves",
                    version,
                    member.heartbeatRequest().setMemberId("unknown").setMemberEpoch(-1));
            beat(
                    side,
                    "unknown group",
                    version,
                    member.heartbeatRequest().setGroupId("no-such-modern"));
            beat(
                    side,
                    "unknown group left",
                    version,
                    member.heartbeatRequest().setGroupId("no-such-modern").setMemberEpoch(-1));
            member.send("joins again", member.joinRequest("modern"));
            member.heartbeat("has joined again");
            member.leave("leaves");
            member.heartbeat("has left");
            beat(side, "leaves again", version, member.heartbeatRequest().setMemberEpoch(-1));
            describe(side, "left " + version, group);
        }
    }

    private static ConsumerGroupHeartbeatRequestData repeated(ModernConsumer member, Uuid id) {
        return member.joinRequest("modern")
                .setMemberEpoch(member.epoch())
                .setTopicPartitions(List.of(owned(id, 0, 1)));
    }

    static void fields(Side side) {
        Uuid id = side.createTopic("fields", 2);
        side.answers().name("m", "member m");
        GroupRequests.awaitCoordinator(side);
        for (int version = 0; version <= 1; version++) {
            for (String text : new String[] {"", " ", ".", "a b", "\u20ac", "x".repeat(300)}) {
                String label = "text " + (text.length() > 20 ? "long" : "'" + text + "'");
                beat(side, label + " as group", version, request(version, "").setGroupId(text));
                beat(
                        side,
                        label + " as member",
                        version,
                        request(version, label + "-m").setMemberId(text));
                beat(
                        side,
                        label + " as instance",
                        version,
                        request(version, label + "-i").setInstanceId(text));
                beat(
                        side,
                        label + " as rack",
                        version,
                        request(version, label + "-r").setRackId(text));
                beat(
                        side,
                        label + " as assignor",
                        version,
                        request(version, label + "-a").setServerAssignor(text));
                beat(
                        side,
                        label + " as topic",
                        version,
                        request(version, label + "-t").setSubscribedTopicNames(List.of(text)));
            }
            for (String assignor : List.of("uniform", "range", "Uniform", "nonsense")) {
                beat(
                        side,
                        "assignor " + assignor,
                        version,
                        request(version, assignor).setServerAssignor(assignor));
            }
            for (int timeout : new int[] {-1, 0, 1, Integer.MAX_VALUE}) {
                beat(
                        side,
                        "rebalance timeout " + timeout,
                        version,
                        request(version, "timeout" + timeout).setRebalanceTimeoutMs(timeout));
            }
            beat(
                    side,
                    "no topics",
                    version,
                    request(version, "no topics").setSubscribedTopicNames(null));
            beat(
                    side,
                    "empty topics",
                    version,
                    request(version, "empty topics").setSubscribedTopicNames(List.of()));
            beat(
                    side,
                    "topic missing",
                    version,
                    request(version, "missing").setSubscribedTopicNames(List.of("missing-modern")));
            beat(
                    side,
                    "topic twice",
                    version,
                    request(version, "twice").setSubscribedTopicNames(List.of("fields", "fields")));
            beat(
                    side,
                    "no partitions",
                    version,
                    request(version, "no partitions").setTopicPartitions(null));
            beat(
                    side,
                    "partitions at joining",
                    version,
                    request(version, "partitions").setTopicPartitions(List.of(owned(id, 0))));
        }
        for (String regex :
                List.of("", "fiel.*", "[", "(?=x)", "*", "none.*", "(a)\\1", "x".repeat(300))) {
            String label = "regex " + (regex.length() > 20 ? "long" : regex);
            var request = request(1, label).setSubscribedTopicRegex(regex);
            beat(side, label + " and topics", 1, request);
            beat(
                    side,
                    label,
                    1,
                    request(1, label + " alone")
                            .setSubscribedTopicRegex(regex)
                            .setSubscribedTopicNames(null));
        }
    }

    /** A join to a group of its own. */
    private static ConsumerGroupHeartbeatRequestData request(int version, String name) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId("fields " + name + version)
                .setMemberId("m")
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of("fields"))
                .setTopicPartitions(List.of());
    }

    /** Two members share a topic, in the steps of the protocol. */
    static void reconciliation(Side side) {
        Uuid id = side.createTopic("shared", 4);
        GroupRequests.awaitCoordinator(side);
        var a = new ModernConsumer(side, "a", "shared", "a");
        var b = new ModernConsumer(side, "b", "shared", "b");
        a.join("joins", "shared");
        a.owns(id, 0, 1, 2, 3);
        describe(side, "a alone", "shared");
        b.join("joins", "shared");
        a.awaitAssignment("revokes", 2);
        describe(side, "a revokes", "shared");
        a.release("releases");
        b.awaitAssignment("is assigned", 2);
        b.release("owns");
        describe(side, "both", "shared");
        a.heartbeat("goes on");
        b.send("changes its topics", b.heartbeatRequest().setSubscribedTopicNames(List.of()));
        b.awaitAssignment("revokes all", 0);
        b.release("releases all");
        a.awaitAssignment("is assigned all", 4);
        a.heartbeat("has all");
        beat(side, "a in an earlier epoch", 1, a.heartbeatRequest().setMemberEpoch(1));
        beat(
                side,
                "a in an earlier epoch with its partitions",
                1,
                a.heartbeatRequest()
                        .setMemberEpoch(1)
                        .setTopicPartitions(List.of(owned(id, 0, 1, 2, 3))));
        a.heartbeat("is still a member");
        b.leave("leaves");
        a.leave("leaves");
        describe(side, "none", "shared");
    }

    static void instances(Side side) {
        Uuid id = side.createTopic("modern-static", 2);
        GroupRequests.awaitCoordinator(side);
        var first = new ModernConsumer(side, "first", "modern-static", "first");
        first.send("joins", first.joinRequest("modern-static").setInstanceId("i"));
        first.owns(id, 0, 1);
        describe(side, "an instance", "modern-static");
        var second = new ModernConsumer(side, "second", "modern-static", "second");
        second.send("is refused", second.joinRequest("modern-static").setInstanceId("i"));
        beat(
                side,
                "leaves for a while without an instance",
                1,
                first.heartbeatRequest().setMemberEpoch(-2));
        beat(
                side,
                "unknown instance leaves for a while",
                1,
                first.heartbeatRequest().setInstanceId("j").setMemberEpoch(-2));
        beat(
                side,
                "other member leaves for a while",
                1,
                second.heartbeatRequest().setInstanceId("i").setMemberEpoch(-2));
        beat(
                side,
                "leaves for a while",
                1,
                first.heartbeatRequest().setInstanceId("i").setMemberEpoch(-2));
        describe(side, "left for a while", "modern-static");
        second.send("replaces", second.joinRequest("modern-static").setInstanceId("i"));
        second.heartbeat("goes on");
        second.send("names its instance", second.heartbeatRequest().setInstanceId("i"));
        second.owns(id, 0, 1);
        describe(side, "replaced", "modern-static");
        beat(side, "first is fenced", 1, first.heartbeatRequest().setInstanceId("i"));
        beat(side, "first without its instance", 1, first.heartbeatRequest());
        beat(
                side,
                "first leaves",
                1,
                first.heartbeatRequest().setInstanceId("i").setMemberEpoch(-1));
        beat(
                side,
                "instance unknown",
                1,
                second.heartbeatRequest().setInstanceId("unknown").setMemberEpoch(second.epoch()));
        beat(
                side,
                "second leaves",
                1,
                second.heartbeatRequest().setInstanceId("i").setMemberEpoch(-1));
        describe(side, "all left", "modern-static");
    }

    private static void describe(Side side, String label, String group) {
        side.each(
                label,
                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                v -> new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group)));
    }

    static void offsets(Side side) {
        Uuid id = side.createTopic("modern-offsets", 2);
        GroupRequests.awaitCoordinator(side);
        var member = new ModernConsumer(side, "member", "modern-offsets", "m");
        member.join("joins", "modern-offsets");
        member.owns(id, 0, 1);
        int epoch = member.epoch();
        side.each(
                "right",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("modern-offsets", "m", epoch, "modern-offsets", id, 0, 1));
        for (int off : new int[] {-1, 1, 100}) {
            side.each(
                    "epoch off by " + off,
                    ApiKeys.OFFSET_COMMIT,
                    v -> commit("modern-offsets", "m", epoch + off, "modern-offsets", id, 0));
        }
        side.each(
                "epoch negative",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("modern-offsets", "m", -1, "modern-offsets", id, 0));
        side.each(
                "unknown member",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("modern-offsets", "unknown", epoch, "modern-offsets", id, 0));
        side.each(
                "no member",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("modern-offsets", "", -1, "modern-offsets", id, 0));
        for (int version = 9; version <= 10; version++) {
            for (String name : new String[] {"m", "unknown", ""}) {
                for (int wrong : new int[] {-1, epoch - 1, epoch, epoch + 1}) {
                    side.call(
                            "fetch of '%s', epoch %s"
                                    .formatted(
                                            name, wrong < 0 ? "none" : "off by " + (wrong - epoch)),
                            ApiKeys.OFFSET_FETCH,
                            version,
                            OffsetScenarios.fetch(
                                    version,
                                    true,
                                    OffsetScenarios.group(
                                                    "modern-offsets",
                                                    OffsetScenarios.topic(
                                                            "modern-offsets", id, 0, 1))
                                            .setMemberId(name)
                                            .setMemberEpoch(wrong)));
                }
            }
        }
        OffsetScenarios.delete(
                side,
                "subscribed",
                "modern-offsets",
                OffsetScenarios.deleted("modern-offsets", 0),
                OffsetScenarios.deleted("missing", 0));
        side.call("members", ApiKeys.DELETE_GROUPS, 2, GroupRequests.delete("modern-offsets"));
        member.leave("leaves");
        side.each(
                "left",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("modern-offsets", "m", epoch, "modern-offsets", id, 0));
        side.each(
                "simple",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("modern-offsets", "", -1, "modern-offsets", id, 0));
        side.call("left", ApiKeys.DELETE_GROUPS, 2, GroupRequests.delete("modern-offsets"));
    }

    /** Requests of one protocol to a group of the other. */
    static void kinds(Side side) {
        side.createTopic("kinds", 2);
        GroupRequests.awaitCoordinator(side);
        var modern = new ModernConsumer(side, "modern", "kinds-modern", "m");
        modern.join("joins", "kinds");
        side.each("modern", ApiKeys.DESCRIBE_GROUPS, v -> GroupRequests.describe("kinds-modern"));
        side.call(
                "modern",
                ApiKeys.HEARTBEAT,
                4,
                new HeartbeatRequestData()
                        .setGroupId("kinds-modern")
                        .setMemberId("m")
                        .setGenerationId(modern.epoch()));
        side.call(
                "modern, unknown member",
                ApiKeys.HEARTBEAT,
                4,
                new HeartbeatRequestData().setGroupId("kinds-modern").setMemberId("unknown"));
        for (int version = 3; version <= 5; version++) {
            side.call(
                    "unknown member of modern",
                    ApiKeys.LEAVE_GROUP,
                    version,
                    GroupRequests.leave(
                            "kinds-modern",
                            GroupRequests.identity("unknown", null),
                            GroupRequests.identity("", "i")));
        }
        side.call(
                "other type to modern",
                ApiKeys.JOIN_GROUP,
                9,
                join("kinds-modern", "", "kinds", "range").setProtocolType("connect"));
        var classic =
                new ClassicConsumer(
                        side,
                        "classic",
                        null,
                        join("kinds-classic", "", "kinds", "range").setProtocolType("connect"));
        classic.join("joins");
        classic.sync("assigns", Map.of(classic.id(), new byte[0]));
        describe(side, "classic and others", "kinds-classic");
        describe(side, "unknown", "no-such-kind");
        describe(side, "empty", "");
        var intruder = new ModernConsumer(side, "intruder", "kinds-classic", "intruder");
        intruder.join("joins classic", "kinds");
        beat(side, "heartbeat to classic", 1, intruder.heartbeatRequest().setMemberEpoch(1));
        beat(side, "leave classic", 1, intruder.heartbeatRequest().setMemberEpoch(-1));
        classic.leave("leaves");
        intruder.join("joins the empty group", "kinds");
        describe(side, "changed its kind", "kinds-classic");
        side.call(
                "changed its kind",
                ApiKeys.DESCRIBE_GROUPS,
                5,
                GroupRequests.describe("kinds-classic"));
        modern.leave("leaves");
        var second =
                new ClassicConsumer(
                        side, "second", null, join("kinds-modern", "", "kinds", "range"));
        second.join("joins the empty modern group");
        describe(side, "modern became classic", "kinds-modern");
        side.call(
                "operations",
                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                1,
                new ConsumerGroupDescribeRequestData()
                        .setGroupIds(List.of("kinds-classic", "no-such-kind"))
                        .setIncludeAuthorizedOperations(true));
    }
}
