package io.millrace.it.differential;

import static io.millrace.it.differential.GroupRequests.assignment;
import static io.millrace.it.differential.GroupRequests.identity;
import static io.millrace.it.differential.GroupRequests.join;
import static io.millrace.it.differential.GroupRequests.leave;

import java.util.Map;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Members of classic groups: rebalances, elections of a protocol, and static members. */
final class ClassicScenarios {

    private static final String TOPIC = "classic";

    private ClassicScenarios() {}

    private static ClassicConsumer member(Side side, String group, String name) {
        return new ClassicConsumer(side, name, null, join(group, "", TOPIC, "range", "roundrobin"));
    }

    private static void describe(Side side, String label, String group) {
        side.call(label, ApiKeys.DESCRIBE_GROUPS, 6, GroupRequests.describe(group));
    }

    static void rebalances(Side side) {
        side.createTopic(TOPIC, 4);
        GroupRequests.awaitCoordinator(side);
        ClassicConsumer a = member(side, "rebalance", "a");
        ClassicConsumer b = member(side, "rebalance", "b");
        a.run(TOPIC, 0, 1, 2, 3);
        b.reserveId();
        Side.Pending joinOfB = b.begin();
        a.awaitHeartbeat(Errors.REBALANCE_IN_PROGRESS);
        describe(side, "b joins", "rebalance");
        a.commit("commits while b joins", TOPIC, 0);
        a.sync("syncs while b joins", Map.of());
        Side.Pending joinOfA = a.begin();
        a.endJoin("joins with b", joinOfA);
        b.endJoin("joins with a", joinOfB);
        describe(side, "leader assigns", "rebalance");
        a.heartbeat("while the leader assigns");
        a.commit("commits while the leader assigns", TOPIC, 0);
        Side.Pending syncOfB = side.begin(ApiKeys.SYNC_GROUP, 5, b.syncRequest(Map.of()));
        a.sync("assigns", Map.of(a.id(), assignment(TOPIC, 0, 1), b.id(), assignment(TOPIC, 2, 3)));
        syncOfB.end("b is assigned");
        describe(side, "two members", "rebalance");
        a.commit("commits its own", TOPIC, 0, 1);
        b.commit("commits its own", TOPIC, 2, 3);
        b.commit("commits those of a", TOPIC, 0);
        a.sync("assigns again", Map.of(a.id(), assignment(TOPIC, 0, 1, 2, 3)));
        b.sync("syncs again", Map.of());
        follower(side, a, b);
        leader(side, a, b);
        departure(side, a, b);
    }

    private static void follower(Side side, ClassicConsumer a, ClassicConsumer b) {
        b.endJoin("joins again unchanged", b.begin());
        b.heartbeat("has joined again");
        a.heartbeat("after b joined again");
        b.request().protocols().find("range").setMetadata(GroupRequests.subscription("other"));
        Side.Pending joinOfB = b.begin();
        a.awaitHeartbeat(Errors.REBALANCE_IN_PROGRESS);
        a.endJoin("joins with b changed", a.begin());
        b.endJoin("joins changed", joinOfB);
        Side.Pending syncOfB = side.begin(ApiKeys.SYNC_GROUP, 5, b.syncRequest(Map.of()));
        a.sync("assigns itself alone", Map.of(a.id(), assignment(TOPIC, 0, 1, 2, 3)));
        syncOfB.end("b is assigned nothing");
        describe(side, "b has nothing", "rebalance");
    }

    private static void leader(Side side, ClassicConsumer a, ClassicConsumer b) {
        Side.Pending joinOfA = a.begin();
        b.awaitHeartbeat(Errors.REBALANCE_IN_PROGRESS);
        b.endJoin("joins with the leader", b.begin());
        a.endJoin("joins unchanged", joinOfA);
        Side.Pending syncOfB = side.begin(ApiKeys.SYNC_GROUP, 5, b.syncRequest(Map.of()));
        a.sync(
                "assigns others",
                Map.of(b.id(), assignment(TOPIC, 0), "unknown", assignment(TOPIC, 1)));
        syncOfB.end("b is assigned one");
        describe(side, "an unknown member was assigned", "rebalance");
    }

    private static void departure(Side side, ClassicConsumer a, ClassicConsumer b) {
        a.leave("leaves");
        a.heartbeat("has left");
        b.awaitHeartbeat(Errors.REBALANCE_IN_PROGRESS);
        b.endJoin("joins alone", b.begin());
        b.sync("assigns itself", Map.of(b.id(), assignment(TOPIC, 0, 1, 2, 3)));
        describe(side, "b is alone", "rebalance");
        b.leave("leaves");
        describe(side, "no member", "rebalance");
        ClassicConsumer late = member(side, "rebalance", "late");
        late.join("joins a group that was empty");
        late.leave("leaves before the assignment");
        describe(side, "no member again", "rebalance");
    }

    static void protocols(Side side) {
        side.createTopic("elected", 1);
        GroupRequests.awaitCoordinator(side);
        ClassicConsumer a = protocol(side, "a", "consumer", "range", "sticky");
        a.join("joins");
        a.sync("assigns", Map.of(a.id(), assignment("elected", 0)));
        side.call(
                "other type in sync",
                ApiKeys.SYNC_GROUP,
                5,
                a.syncRequest(Map.of()).setProtocolType("connect"));
        side.call(
                "other protocol in sync",
                ApiKeys.SYNC_GROUP,
                5,
                a.syncRequest(Map.of()).setProtocolName("sticky"));
        side.call(
                "no type in sync",
                ApiKeys.SYNC_GROUP,
                5,
                a.syncRequest(Map.of()).setProtocolType(null));
        for (int version = 0; version <= 9; version++) {
            refuse(side, version, "other type", "connect", "range");
            refuse(side, version, "other protocol", "consumer", "roundrobin");
            refuse(side, version, "no protocol", "consumer");
            refuse(side, version, "no type", "", "range");
        }
        ClassicConsumer b = protocol(side, "b", "consumer", "sticky");
        b.reserveId();
        Side.Pending joinOfB = b.begin();
        a.awaitHeartbeat(Errors.REBALANCE_IN_PROGRESS);
        a.endJoin("joins with b", a.begin());
        b.endJoin("joins with a", joinOfB);
        Side.Pending syncOfB = side.begin(ApiKeys.SYNC_GROUP, 5, b.syncRequest(Map.of()));
        a.sync("names a protocol that was not elected", Map.of());
        side.call(
                "elected protocol",
                ApiKeys.SYNC_GROUP,
                5,
                a.syncRequest(Map.of(a.id(), assignment("elected", 0))).setProtocolName("sticky"));
        syncOfB.end("b is assigned");
        describe(side, "elected", "protocols");
        refuse(side, 9, "protocol of one", "consumer", "range");
        empty(side);
    }

    private static ClassicConsumer protocol(
            Side side, String name, String type, String... protocols) {
        return new ClassicConsumer(
                side,
                name,
                null,
                join("protocols", "", "elected", protocols).setProtocolType(type));
    }

    private static void refuse(
            Side side, int version, String label, String type, String... protocols) {
        side.call(
                "join with " + label,
                ApiKeys.JOIN_GROUP,
                version,
                join("protocols", "", "elected", protocols)
                        .setProtocolType(type)
                        .setRebalanceTimeoutMs(version == 0 ? -1 : 30_000));
    }

    /** Metadata and assignments without content, and of another type. */
    private static void empty(Side side) {
        var request = new JoinGroupRequestData().setGroupId("opaque").setProtocolType("connect");
        request.setSessionTimeoutMs(30_000).setRebalanceTimeoutMs(30_000);
        request.protocols()
                .mustAdd(
                        new JoinGroupRequestProtocol()
                                .setName("compatible")
                                .setMetadata(new byte[0]));
        var a = new ClassicConsumer(side, "opaque", null, request);
        a.join("joins");
        a.sync("assigns", Map.of(a.id(), new byte[] {1, 2, 3}));
        describe(side, "opaque", "opaque");
        a.leave("leaves");
        describe(side, "opaque left", "opaque");
    }

    private static ClassicConsumer instance(
            Side side, String name, @Nullable String instance, String... protocols) {
        return new ClassicConsumer(
                side, name, instance, join("static", "", "instances", protocols));
    }

    static void staticMembers(Side side) {
        side.createTopic("instances", 4);
        GroupRequests.awaitCoordinator(side);
        ClassicConsumer old = instance(side, "old", "i", "range");
        old.run("instances", 0, 1, 2, 3);
        describe(side, "one instance", "static");
        ClassicConsumer next = instance(side, "next", "i", "range");
        next.join("joins for the same instance");
        next.sync("syncs", Map.of());
        describe(side, "replaced", "static");
        old.heartbeat("is fenced");
        old.sync("is fenced", Map.of());
        old.commit("is fenced", "instances", 0);
        old.leave("is fenced");
        old.endJoin("joins when fenced", old.begin());
        without(side, old);
        next.heartbeat("goes on");
        next.commit("commits", "instances", 0);
        names(side, next);
        changed(side);
        second(side);
        departures(side);
    }

    /** Requests of a replaced member that do not name the instance. */
    private static void without(Side side, ClassicConsumer old) {
        side.call(
                "old without the instance",
                ApiKeys.HEARTBEAT,
                4,
                old.heartbeatRequest().setGroupInstanceId(null));
        side.call(
                "old without the instance",
                ApiKeys.SYNC_GROUP,
                5,
                old.syncRequest(Map.of()).setGroupInstanceId(null));
        side.call(
                "old without the instance",
                ApiKeys.OFFSET_COMMIT,
                9,
                old.commitRequest("instances", 0).setGroupInstanceId(null));
    }

    /** Wrong names of instances and members. */
    private static void names(Side side, ClassicConsumer known) {
        for (String instance : new String[] {"", "unknown", "a b", ".", "x".repeat(300)}) {
            String label = "instance " + (instance.length() > 20 ? "long" : instance);
            side.call(
                    label,
                    ApiKeys.HEARTBEAT,
                    4,
                    known.heartbeatRequest().setGroupInstanceId(instance));
            side.call(
                    label,
                    ApiKeys.SYNC_GROUP,
                    5,
                    known.syncRequest(Map.of()).setGroupInstanceId(instance));
            side.call(
                    label,
                    ApiKeys.OFFSET_COMMIT,
                    9,
                    known.commitRequest("instances", 0).setGroupInstanceId(instance));
            if (!instance.isEmpty()) {
                side.call(
                        label,
                        ApiKeys.JOIN_GROUP,
                        9,
                        known.request().duplicate().setGroupInstanceId(instance));
            }
            side.call(label, ApiKeys.LEAVE_GROUP, 5, leave("static", identity("", instance)));
        }
        for (int version = 5; version <= 9; version++) {
            side.call(
                    "unknown member of an unknown instance",
                    ApiKeys.JOIN_GROUP,
                    version,
                    join("static", "unknown", "instances", "range").setGroupInstanceId("j"));
            side.call(
                    "unknown member of a known instance",
                    ApiKeys.JOIN_GROUP,
                    version,
                    join("static", "unknown", "instances", "range").setGroupInstanceId("i"));
            side.call(
                    "other protocol of a known instance",
                    ApiKeys.JOIN_GROUP,
                    version,
                    join("static", "", "instances", "range")
                            .setProtocolType("connect")
                            .setGroupInstanceId("i"));
        }
    }

    /** A new process with other metadata. */
    private static void changed(Side side) {
        ClassicConsumer changed = instance(side, "changed", "i", "range");
        changed.request()
                .protocols()
                .find("range")
                .setMetadata(GroupRequests.subscription("instances", "more"));
        changed.join("joins with other metadata");
        describe(side, "joined with other metadata", "static");
        changed.sync("assigns", Map.of(changed.id(), assignment("instances", 0, 1, 2, 3)));
        describe(side, "other metadata", "static");
        ClassicConsumer other = instance(side, "other", "i", "sticky", "range");
        other.join("joins with another protocol");
        other.sync("assigns", Map.of(other.id(), assignment("instances", 0, 1)));
        describe(side, "another protocol", "static");
    }

    /** A second instance, whose process is replaced while it follows. */
    private static void second(Side side) {
        ClassicConsumer leader = instance(side, "leader", "i", "range");
        leader.join("joins");
        leader.sync("syncs", Map.of(leader.id(), assignment("instances", 0, 1)));
        ClassicConsumer follower = instance(side, "follower", "j", "range");
        Side.Pending joining = follower.begin();
        leader.awaitHeartbeat(Errors.REBALANCE_IN_PROGRESS);
        Side.Pending joinOfLeader = leader.begin();
        follower.endJoin("joins", joining);
        side.answers().name(follower.id(), "follower");
        leader.endJoin("joins with a follower", joinOfLeader);
        Side.Pending syncing = side.begin(ApiKeys.SYNC_GROUP, 5, follower.syncRequest(Map.of()));
        leader.sync(
                "assigns both",
                Map.of(
                        leader.id(),
                        assignment("instances", 0, 1),
                        follower.id(),
                        assignment("instances", 2, 3)));
        syncing.end("follower is assigned");
        ClassicConsumer again = instance(side, "again", "j", "range");
        again.join("replaces the follower");
        again.sync("syncs", Map.of());
        leader.heartbeat("after the follower was replaced");
        leader.commit("after the follower was replaced", "instances", 0);
        again.commit("has the partitions", "instances", 2, 3);
        describe(side, "follower replaced", "static");
        ClassicConsumer head = instance(side, "head", "i", "range");
        head.join("replaces the leader");
        head.sync("syncs", Map.of());
        again.heartbeat("after the leader was replaced");
        describe(side, "leader replaced", "static");
    }

    private static void departures(Side side) {
        side.call(
                "several, some of them wrong",
                ApiKeys.LEAVE_GROUP,
                5,
                leave(
                        "static",
                        identity("unknown", "i"),
                        identity("unknown", null),
                        identity("", "unknown"),
                        identity("", null),
                        identity("", "j"),
                        identity("", "j")));
        for (int version = 3; version <= 5; version++) {
            side.call(
                    "instance i", ApiKeys.LEAVE_GROUP, version, leave("static", identity("", "i")));
            side.call("no member", ApiKeys.LEAVE_GROUP, version, leave("static"));
            side.call("no group", ApiKeys.LEAVE_GROUP, version, leave("", identity("", "i")));
            side.call(
                    "unknown group",
                    ApiKeys.LEAVE_GROUP,
                    version,
                    leave("unknown", identity("m", "i"), identity("n", null)));
        }
        describe(side, "all left", "static");
    }
}
