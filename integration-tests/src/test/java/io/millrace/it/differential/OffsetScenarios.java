package io.millrace.it.differential;

import static io.millrace.it.differential.GroupRequests.commit;
import static io.millrace.it.differential.GroupRequests.committed;
import static io.millrace.it.differential.GroupRequests.join;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Offsets that are committed, fetched and deleted. */
final class OffsetScenarios {

    private static final Uuid UNKNOWN_ID = Uuid.fromString("AAAABBBBCCCCDDDDEEEEFF");
    private static final short FIRST_BY_ID = 10;

    private OffsetScenarios() {}

    static void commits(Side side) {
        Uuid id = side.createTopic("offsets", 3);
        side.answers().name(UNKNOWN_ID.toString(), "unknown id");
        GroupRequests.awaitCoordinator(side);
        side.each(
                "simple",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "", -1, "offsets", id, 0, 1, 2));
        side.each(
                "partitions missing",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "", -1, "offsets", id, 0, 3, -1, Integer.MAX_VALUE));
        side.each(
                "topic missing",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "", -1, "missing", UNKNOWN_ID, 0, 1));
        side.each(
                "topic empty",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "", -1, "", Uuid.ZERO_UUID, 0));
        side.each(
                "topic illegal",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "", -1, "a b", UNKNOWN_ID, 0));
        side.each(
                "right and missing topics",
                ApiKeys.OFFSET_COMMIT,
                v -> {
                    var request = commit("simple", "", -1, "offsets", id, 0);
                    return request.setTopics(
                            List.of(
                                    committed("missing", UNKNOWN_ID, 0),
                                    committed("offsets", id, 1)));
                });
        side.each(
                "topic twice",
                ApiKeys.OFFSET_COMMIT,
                v -> {
                    var request = commit("simple", "", -1, "offsets", id, 0);
                    return request.setTopics(
                            List.of(committed("offsets", id, 0), committed("offsets", id, 1)));
                });
        side.each(
                "nothing",
                ApiKeys.OFFSET_COMMIT,
                v -> new OffsetCommitRequestData().setGroupId("simple"));
        side.each(
                "no partition",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "", -1, "offsets", id));
        side.each("group empty", ApiKeys.OFFSET_COMMIT, v -> commit("", "", -1, "offsets", id, 0));
        side.each(
                "unknown member",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("unknown-" + v, "m", 1, "offsets", id, 0));
        side.each(
                "unknown member of a simple group",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "m", -1, "offsets", id, 0));
        side.each(
                "generation without a member",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("simple", "", 3, "offsets", id, 0));
        side.each(
                "generation without a group",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("unknown-" + v, "", 0, "offsets", id, 0));
        side.each(
                "member without a group",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("new-" + v, "m", -1, "offsets", id, 0));
        side.call("deleted", ApiKeys.DELETE_GROUPS, 2, GroupRequests.delete("new-8", "new-9"));
        for (int version = 8; version <= 9; version++) {
            for (int generation : new int[] {1, -1, 0}) {
                side.call(
                        "deleted group, generation " + generation,
                        ApiKeys.OFFSET_COMMIT,
                        version,
                        commit("new-" + version, "m", generation, "offsets", id, 0));
            }
        }
        for (int length : new int[] {0, 4096, 4097, 32767}) {
            side.each(
                    "text of " + length,
                    ApiKeys.OFFSET_COMMIT,
                    v -> edited(id, each -> each.setCommittedMetadata("x".repeat(length))));
            side.call(
                    "text of " + length,
                    ApiKeys.OFFSET_FETCH,
                    9,
                    fetch(9, false, group("simple", topic("offsets", id, 0))));
        }
        side.each(
                "text of wide characters",
                ApiKeys.OFFSET_COMMIT,
                v -> edited(id, each -> each.setCommittedMetadata("\u20ac".repeat(4096))));
        side.each(
                "no text",
                ApiKeys.OFFSET_COMMIT,
                v -> edited(id, each -> each.setCommittedMetadata(null)));
        for (long offset : new long[] {0, -1, -2, Long.MIN_VALUE, Long.MAX_VALUE}) {
            side.each(
                    "offset " + offset,
                    ApiKeys.OFFSET_COMMIT,
                    v -> edited(id, each -> each.setCommittedOffset(offset)));
            side.call(
                    "offset " + offset,
                    ApiKeys.OFFSET_FETCH,
                    9,
                    fetch(9, false, group("simple", topic("offsets", id, 0))));
        }
        for (int epoch : new int[] {0, 7, -2, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            side.each(
                    "epoch " + epoch,
                    ApiKeys.OFFSET_COMMIT,
                    v -> edited(id, each -> each.setCommittedLeaderEpoch(epoch)));
        }
        for (int version = 7; version <= 10; version++) {
            side.call(
                    "instance without a member",
                    ApiKeys.OFFSET_COMMIT,
                    version,
                    commit("simple", "", -1, "offsets", id, 0).setGroupInstanceId("i"));
            side.call(
                    "instance and unknown member",
                    ApiKeys.OFFSET_COMMIT,
                    version,
                    commit("simple", "m", 1, "offsets", id, 0).setGroupInstanceId("i"));
        }
    }

    private interface Edit {
        void apply(OffsetCommitRequestPartition partition);
    }

    private static OffsetCommitRequestData edited(Uuid id, Edit edit) {
        var request = commit("simple", "", -1, "offsets", id, 0);
        edit.apply(request.topics().getFirst().partitions().getFirst());
        return request;
    }

    static void commitsOfMembers(Side side) {
        Uuid id = side.createTopic("owned", 2);
        GroupRequests.awaitCoordinator(side);
        var member = new ClassicConsumer(side, "owner", null, join("owners", "", "owned", "range"));
        member.run("owned", 0, 1);
        int generation = member.generation();
        String owner = member.id();
        side.each(
                "right",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("owners", owner, generation, "owned", id, 0, 1));
        for (int other : new int[] {generation - 1, generation + 1, -1, -2, Integer.MAX_VALUE}) {
            side.each(
                    "generation " + (other - generation),
                    ApiKeys.OFFSET_COMMIT,
                    v -> commit("owners", owner, other, "owned", id, 0));
        }
        side.each(
                "other member",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("owners", "other", generation, "owned", id, 0));
        side.each(
                "no member", ApiKeys.OFFSET_COMMIT, v -> commit("owners", "", -1, "owned", id, 0));
        side.each(
                "no member, right generation",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("owners", "", generation, "owned", id, 0));
        side.each(
                "foreign partitions",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("owners", owner, generation, "owned", id, 2, -1));
        side.each(
                "member in a fetch",
                ApiKeys.OFFSET_FETCH,
                v -> fetch(v, false, group("owners", topic("owned", id, 0))));
        member.leave("leaves");
        side.each(
                "member that left",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("owners", owner, generation, "owned", id, 0));
        side.each(
                "simple after the group",
                ApiKeys.OFFSET_COMMIT,
                v -> commit("owners", "", -1, "owned", id, 1));
    }

    static void committedOffsets(Side side) {
        Uuid id = side.createTopic("fetched", 3);
        Uuid other = side.createTopic("fetched-too", 1);
        side.answers().name(UNKNOWN_ID.toString(), "unknown id");
        GroupRequests.awaitCoordinator(side);
        side.call("prepare", ApiKeys.OFFSET_COMMIT, 9, commit("f", "", -1, "fetched", 0, 2));
        side.call("prepare too", ApiKeys.OFFSET_COMMIT, 9, commit("f", "", -1, "fetched-too", 0));
        side.call("prepare h", ApiKeys.OFFSET_COMMIT, 9, commit("h", "", -1, "fetched-too", 0));
        for (boolean stable : new boolean[] {false, true}) {
            String label = stable ? "stable " : "";
            each(side, label + "one", stable, group("f", topic("fetched", id, 0, 1, 2)));
            each(side, label + "all", stable, group("f", (OffsetFetchRequestTopics[]) null));
        }
        each(
                side,
                "partitions missing",
                false,
                group("f", topic("fetched", id, 3, -1, Integer.MAX_VALUE)));
        each(side, "topic missing", false, group("f", topic("missing", UNKNOWN_ID, 0, 1)));
        each(side, "topic empty", false, group("f", topic("", Uuid.ZERO_UUID, 0)));
        each(side, "topic illegal", false, group("f", topic("a b", UNKNOWN_ID, 0)));
        each(
                side,
                "some missing",
                false,
                group(
                        "f",
                        topic("missing", UNKNOWN_ID, 0),
                        topic("fetched-too", other, 0),
                        topic("fetched", id, 0)));
        each(
                side,
                "topic twice",
                false,
                group("f", topic("fetched", id, 0), topic("fetched", id, 0, 1)));
        each(side, "partition twice", false, group("f", topic("fetched", id, 0, 0)));
        each(side, "no partition", false, group("f", topic("fetched", id)));
        each(side, "nothing", false, group("f"));
        each(side, "unknown group", false, group("no-such", topic("fetched", id, 0)));
        each(
                side,
                "all of an unknown group",
                false,
                group("no-such", (OffsetFetchRequestTopics[]) null));
        each(side, "group empty", false, group("", topic("fetched", id, 0)));
        for (int version = 8; version <= 10; version++) {
            side.call(
                    "several groups",
                    ApiKeys.OFFSET_FETCH,
                    version,
                    fetch(
                            version,
                            true,
                            group("f", topic("fetched", id, 0)),
                            group("h", (OffsetFetchRequestTopics[]) null),
                            group("no-such", topic("fetched", id, 0)),
                            group("", topic("fetched", id, 0))));
            side.call("no group", ApiKeys.OFFSET_FETCH, version, fetch(version, false));
            side.call(
                    "group twice",
                    ApiKeys.OFFSET_FETCH,
                    version,
                    fetch(
                            version,
                            false,
                            group("f", topic("fetched", id, 0)),
                            group("f", topic("fetched", id, 2))));
        }
        for (int version = 9; version <= 10; version++) {
            for (int epoch : new int[] {-1, 0, 1}) {
                side.call(
                        "member of a simple group, epoch " + epoch,
                        ApiKeys.OFFSET_FETCH,
                        version,
                        fetch(
                                version,
                                false,
                                group("f", topic("fetched", id, 0))
                                        .setMemberId("m")
                                        .setMemberEpoch(epoch)));
            }
        }
    }

    private static void each(
            Side side, String label, boolean stable, OffsetFetchRequestGroup group) {
        for (short version : ApiKeys.OFFSET_FETCH.allVersions()) {
            boolean expressible =
                    (version >= 7 || !stable) && (version >= 2 || group.topics() != null);
            if (expressible) {
                side.call(
                        label,
                        ApiKeys.OFFSET_FETCH,
                        version,
                        fetch(version, stable, group.duplicate()));
            }
        }
    }

    static OffsetFetchRequestGroup group(
            String group, OffsetFetchRequestTopics @Nullable ... topics) {
        return new OffsetFetchRequestGroup()
                .setGroupId(group)
                .setTopics(topics == null ? null : List.of(topics));
    }

    static OffsetFetchRequestTopics topic(String name, Uuid id, Integer... partitions) {
        return new OffsetFetchRequestTopics()
                .setName(name)
                .setTopicId(id)
                .setPartitionIndexes(List.of(partitions));
    }

    /** Returns a request with the fields of a version. */
    static OffsetFetchRequestData fetch(
            int version, boolean stable, OffsetFetchRequestGroup... groups) {
        var request = new OffsetFetchRequestData().setRequireStable(stable);
        if (version >= 8) {
            for (OffsetFetchRequestGroup group : groups) {
                for (OffsetFetchRequestTopics topic :
                        group.topics() == null
                                ? List.<OffsetFetchRequestTopics>of()
                                : group.topics()) {
                    if (version >= FIRST_BY_ID) {
                        topic.setName("");
                    } else {
                        topic.setTopicId(Uuid.ZERO_UUID);
                    }
                }
            }
            return request.setGroups(Arrays.asList(groups));
        }
        return request.setGroupId(groups[0].groupId())
                .setTopics(
                        groups[0].topics() == null
                                ? null
                                : groups[0].topics().stream()
                                        .map(topic ->
                                                new OffsetFetchRequestTopic()
                                                        .setName(topic.name())
                                                        .setPartitionIndexes(
                                                                topic.partitionIndexes()))
                                        .toList());
    }

    static void deletion(Side side) {
        side.createTopic("deleted", 3);
        side.createTopic("kept", 1);
        GroupRequests.awaitCoordinator(side);
        side.call("prepare", ApiKeys.OFFSET_COMMIT, 9, commit("d", "", -1, "deleted", 0, 1, 2));
        delete(side, "one", "d", deleted("deleted", 0));
        delete(side, "again", "d", deleted("deleted", 0));
        delete(side, "missing partitions", "d", deleted("deleted", 3, -1));
        delete(side, "missing topic", "d", deleted("missing", 0), deleted("deleted", 1));
        delete(side, "illegal topic", "d", deleted("a b", 0), deleted("", 0));
        delete(side, "no partition", "d", deleted("deleted"));
        delete(side, "nothing", "d");
        delete(side, "unknown group", "no-such", deleted("deleted", 0));
        delete(side, "empty group", "", deleted("deleted", 0));
        all(side, "after deletions", "d");
        delete(side, "the last", "d", deleted("deleted", 2));
        all(side, "after the last", "d");
        side.call("after the last", ApiKeys.DESCRIBE_GROUPS, 6, GroupRequests.describe("d"));
        var member = new ClassicConsumer(side, "reader", null, join("r", "", "deleted", "range"));
        member.run("deleted", 0, 1, 2);
        member.commit("commits", "deleted", 0, 1, 2);
        delete(side, "subscribed", "r", deleted("deleted", 0, 1), deleted("kept", 0));
        delete(side, "subscribed and missing", "r", deleted("deleted", 5), deleted("missing", 0));
        member.leave("leaves");
        delete(side, "left", "r", deleted("deleted", 0, 1));
        all(side, "left", "r");
    }

    private static void all(Side side, String label, String group) {
        side.call(
                label,
                ApiKeys.OFFSET_FETCH,
                9,
                fetch(9, false, group(group, (OffsetFetchRequestTopics[]) null)));
    }

    static OffsetDeleteRequestTopic deleted(String topic, int... partitions) {
        return new OffsetDeleteRequestTopic()
                .setName(topic)
                .setPartitions(
                        Arrays.stream(partitions)
                                .mapToObj(each ->
                                        new OffsetDeleteRequestPartition().setPartitionIndex(each))
                                .toList());
    }

    static void delete(Side side, String label, String group, OffsetDeleteRequestTopic... topics) {
        var request = new OffsetDeleteRequestData().setGroupId(group);
        var all = new OffsetDeleteRequestTopicCollection();
        for (OffsetDeleteRequestTopic topic : topics) {
            all.mustAdd(topic);
        }
        side.call(label, ApiKeys.OFFSET_DELETE, 0, request.setTopics(all));
    }
}
