package io.millrace.it.differential;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Requests that create, change and delete topics. */
final class TopicScenarios {

    private static final short DEFAULT = -1;
    private static final Uuid UNKNOWN = new Uuid(7, 7);

    private TopicScenarios() {}

    static void creation(Side side) {
        side.each("new", ApiKeys.CREATE_TOPICS, v -> create(topic("new-v" + v, 3)));
        side.each("existing", ApiKeys.CREATE_TOPICS, v -> create(topic("new-v" + v, 3)));
        side.each(
                "validated",
                ApiKeys.CREATE_TOPICS,
                v -> create(topic("checked", 3), topic("new-v2", 3)).setValidateOnly(true));
        side.each("nothing", ApiKeys.CREATE_TOPICS, v -> create());
        side.each(
                "twice",
                ApiKeys.CREATE_TOPICS,
                v -> create(topic("twice", 1), topic("twice", 2), topic("other-v" + v, 1)));
        for (String name :
                List.of("", ".", "..", "a b", "\u00fc", "x/y", "x".repeat(249), "y".repeat(250))) {
            side.each(
                    "name '" + name + "'",
                    ApiKeys.CREATE_TOPICS,
                    v -> create(topic(name, 1)).setValidateOnly(true));
        }
        for (int partitions : new int[] {0, -1, -2, 10_000, 10_001, Integer.MAX_VALUE}) {
            side.each(
                    partitions + " partitions",
                    ApiKeys.CREATE_TOPICS,
                    v -> create(topic("checked", partitions)).setValidateOnly(true));
        }
        for (short factor : new short[] {0, -1, -2, 2, Short.MAX_VALUE}) {
            side.each(
                    "factor " + factor,
                    ApiKeys.CREATE_TOPICS,
                    v ->
                            create(topic("checked", 1).setReplicationFactor(factor))
                                    .setValidateOnly(true));
        }
    }

    static void creationWithAssignments(Side side) {
        int node = side.node();
        assigned(side, "one", topic("checked", -1), Map.of(0, List.of(node)));
        assigned(side, "two", topic("checked", -1), Map.of(0, List.of(node), 1, List.of(node)));
        assigned(side, "count", topic("checked", 1), Map.of(0, List.of(node)));
        assigned(
                side,
                "factor",
                topic("checked", -1).setReplicationFactor((short) 1),
                Map.of(0, List.of(node)));
        assigned(side, "gap", topic("checked", -1), Map.of(0, List.of(node), 2, List.of(node)));
        assigned(side, "not from 0", topic("checked", -1), Map.of(1, List.of(node)));
        assigned(side, "negative partition", topic("checked", -1), Map.of(-1, List.of(node)));
        assigned(side, "no replica", topic("checked", -1), Map.of(0, List.of()));
        assigned(side, "same replica", topic("checked", -1), Map.of(0, List.of(node, node)));
        assigned(side, "negative replica", topic("checked", -1), Map.of(0, List.of(-1)));
        assigned(side, "unknown replica", topic("checked", -1), Map.of(0, List.of(999)));
    }

    private static void assigned(
            Side side, String label, CreatableTopic topic, Map<Integer, List<Integer>> replicas) {
        replicas.forEach((partition, nodes) ->
                topic.assignments()
                        .add(
                                new CreateTopicsRequestData.CreatableReplicaAssignment()
                                        .setPartitionIndex(partition)
                                        .setBrokerIds(nodes)));
        topic.setReplicationFactor(label.equals("factor") ? 1 : DEFAULT);
        side.each(
                "assigned " + label,
                ApiKeys.CREATE_TOPICS,
                v -> create(topic.duplicate()).setValidateOnly(true));
    }

    static void creationWithSettings(Side side) {
        configured(side, "right", "retention.ms", "3600000", "cleanup.policy", "compact");
        configured(side, "spaces", "retention.ms", " 0060 ", "cleanup.policy", "compact , delete");
        configured(side, "unknown", "no.such.setting", "1");
        configured(side, "empty key", "", "1");
        configured(side, "null", "retention.ms", null);
        configured(side, "no number", "retention.ms", "week");
        configured(side, "empty number", "retention.ms", "");
        configured(side, "too small", "retention.ms", "-2");
        configured(side, "too large", "segment.bytes", "99999999999");
        configured(side, "twice", "retention.ms", "1", "retention.ms", "2");
        configured(side, "unknown policy", "cleanup.policy", "keep");
        configured(side, "empty policy", "cleanup.policy", "");
        configured(side, "same policy", "cleanup.policy", "delete,delete");
        configured(side, "policies", "cleanup.policy", "delete,compact");
        configured(side, "boolean", "unclean.leader.election.enable", "TRUE");
        configured(side, "no boolean", "unclean.leader.election.enable", "yes");
        configured(side, "compression", "compression.type", "zip");
        configured(side, "capital compression", "compression.type", "ZSTD");
        configured(side, "ratio", "min.cleanable.dirty.ratio", "1.5");
        configured(side, "short ratio", "min.cleanable.dirty.ratio", ".5");
        configured(side, "timestamp", "message.timestamp.type", "createtime");
        configured(side, "sizes", "max.message.bytes", "0", "segment.bytes", "1048576");
        configured(side, "small segment", "segment.bytes", "13");
        configured(side, "replicas", "min.insync.replicas", "0");
        configured(side, "throttled", "leader.replication.throttled.replicas", "0:1,1:1");
        configured(side, "wrong throttled", "leader.replication.throttled.replicas", "x");
        configured(side, "remote", "remote.storage.enable", "true");
        configured(side, "lags", "min.compaction.lag.ms", "9", "max.compaction.lag.ms", "1");
    }

    private static void configured(Side side, String label, @Nullable String... settings) {
        CreatableTopic topic = topic("checked", 1);
        for (int i = 0; i < settings.length; i += 2) {
            topic.configs()
                    .mustAdd(
                            new CreateTopicsRequestData.CreatableTopicConfig()
                                    .setName(settings[i])
                                    .setValue(settings[i + 1]));
        }
        side.each(
                "configured " + label,
                ApiKeys.CREATE_TOPICS,
                v -> create(topic.duplicate()).setValidateOnly(true));
    }

    static void deletion(Side side) {
        side.each("missing", ApiKeys.DELETE_TOPICS, v -> delete(v, "missing", ""));
        side.each("nothing", ApiKeys.DELETE_TOPICS, v -> delete(v));
        for (short version : ApiKeys.DELETE_TOPICS.allVersions()) {
            side.createTopic("deleted-v" + version, 2);
            side.call(
                    "present",
                    ApiKeys.DELETE_TOPICS,
                    version,
                    delete(version, "deleted-v" + version));
            side.call(
                    "again",
                    ApiKeys.DELETE_TOPICS,
                    version,
                    delete(version, "deleted-v" + version));
            side.createTopic("repeated-v" + version, 1);
            String name = "repeated-v" + version;
            side.call(
                    "twice",
                    ApiKeys.DELETE_TOPICS,
                    version,
                    delete(version, name, name, "missing", "missing"));
        }
        Uuid id = side.createTopic("identified", 1);
        identified(side, "unknown", state(null, UNKNOWN));
        identified(side, "neither", state(null, Uuid.ZERO_UUID));
        identified(side, "both", state("identified", id));
        identified(side, "name and id", state("identified", Uuid.ZERO_UUID), state(null, id));
        identified(side, "same id", state(null, id), state(null, id));
        identified(side, "unknown twice", state(null, UNKNOWN), state(null, UNKNOWN));
        identified(side, "right", state(null, id), state(null, UNKNOWN));
        identified(side, "gone", state(null, id));
    }

    private static void identified(Side side, String label, DeleteTopicState... states) {
        side.call(
                "by id, " + label,
                ApiKeys.DELETE_TOPICS,
                6,
                new DeleteTopicsRequestData().setTopics(List.of(states)).setTimeoutMs(30_000));
    }

    private static DeleteTopicState state(@Nullable String name, Uuid id) {
        return new DeleteTopicState().setName(name).setTopicId(id);
    }

    private static DeleteTopicsRequestData delete(short version, String... names) {
        var request = new DeleteTopicsRequestData().setTimeoutMs(30_000);
        return version < 6
                ? request.setTopicNames(List.of(names))
                : request.setTopics(
                        Arrays.stream(names).map(name -> state(name, Uuid.ZERO_UUID)).toList());
    }

    static void growth(Side side) {
        int node = side.node();
        side.createTopic("grown", 2);
        for (int count : new int[] {0, -1, 1, 2, 3, 10_003, 200_000, Integer.MAX_VALUE}) {
            grow(side, "to " + count, true, growth("grown", count));
        }
        grow(side, "unknown", false, growth("missing", 2), growth("", 2), growth("a b", 2));
        grow(side, "twice", false, growth("grown", 4), growth("grown", 5));
        grow(side, "nothing", false);
        grow(side, "assigned", true, growth("grown", 4, List.of(List.of(node), List.of(node))));
        grow(side, "assigned too few", true, growth("grown", 4, List.of(List.of(node))));
        grow(
                side,
                "assigned too many",
                true,
                growth("grown", 3, List.of(List.of(node), List.of(node))));
        grow(side, "assigned none", true, growth("grown", 3, List.of()));
        grow(side, "assigned no replica", true, growth("grown", 3, List.of(List.of())));
        grow(side, "assigned same replica", true, growth("grown", 3, List.of(List.of(node, node))));
        grow(side, "assigned negative replica", true, growth("grown", 3, List.of(List.of(-1))));
        grow(side, "assigned unknown replica", true, growth("grown", 3, List.of(List.of(999))));
        for (short version : ApiKeys.CREATE_PARTITIONS.allVersions()) {
            side.call(
                    "real",
                    ApiKeys.CREATE_PARTITIONS,
                    version,
                    grow(false, growth("grown", 3 + version)));
        }
    }

    private static void grow(
            Side side, String label, boolean validateOnly, CreatePartitionsTopic... topics) {
        side.each(
                label,
                ApiKeys.CREATE_PARTITIONS,
                v ->
                        grow(
                                validateOnly,
                                Arrays.stream(topics)
                                        .map(CreatePartitionsTopic::duplicate)
                                        .toArray(CreatePartitionsTopic[]::new)));
    }

    private static CreatePartitionsRequestData grow(
            boolean validateOnly, CreatePartitionsTopic... topics) {
        var request =
                new CreatePartitionsRequestData()
                        .setTimeoutMs(30_000)
                        .setValidateOnly(validateOnly);
        request.topics().addAll(List.of(topics));
        return request;
    }

    private static CreatePartitionsTopic growth(String name, int count) {
        return new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null);
    }

    private static CreatePartitionsTopic growth(
            String name, int count, List<List<Integer>> replicas) {
        return growth(name, count)
                .setAssignments(
                        replicas.stream()
                                .map(nodes ->
                                        new CreatePartitionsRequestData.CreatePartitionsAssignment()
                                                .setBrokerIds(nodes))
                                .toList());
    }

    static void recordDeletion(Side side) {
        Uuid id = side.createTopic("trimmed", 2);
        var target = new Requests.Target("trimmed", id, 0);
        for (int i = 0; i < 10; i++) {
            side.quietly(
                    ApiKeys.PRODUCE,
                    12,
                    Requests.produce(target, (short) -1, Requests.batch("" + i)));
        }
        for (long offset : new long[] {0, 3, 2, -2, Long.MIN_VALUE, 11, Long.MAX_VALUE, 10, -1}) {
            side.each("to " + offset, ApiKeys.DELETE_RECORDS, v -> trim("trimmed", 0, offset));
        }
        side.each("empty to the end", ApiKeys.DELETE_RECORDS, v -> trim("trimmed", 1, -1));
        side.each("empty", ApiKeys.DELETE_RECORDS, v -> trim("trimmed", 1, 0));
        side.each("empty beyond", ApiKeys.DELETE_RECORDS, v -> trim("trimmed", 1, 1));
        side.each("partition missing", ApiKeys.DELETE_RECORDS, v -> trim("trimmed", 2, 0));
        side.each("partition negative", ApiKeys.DELETE_RECORDS, v -> trim("trimmed", -1, 0));
        side.each("topic missing", ApiKeys.DELETE_RECORDS, v -> trim("missing", 0, 0));
        side.each("topic empty", ApiKeys.DELETE_RECORDS, v -> trim("", 0, 0));
        side.each("nothing", ApiKeys.DELETE_RECORDS, v -> new DeleteRecordsRequestData());
    }

    private static DeleteRecordsRequestData trim(String topic, int partition, long offset) {
        return new DeleteRecordsRequestData()
                .setTimeoutMs(30_000)
                .setTopics(
                        List.of(
                                new DeleteRecordsRequestData.DeleteRecordsTopic()
                                        .setName(topic)
                                        .setPartitions(
                                                List.of(
                                                        new DeleteRecordsPartition()
                                                                .setPartitionIndex(partition)
                                                                .setOffset(offset)))));
    }

    static CreatableTopic topic(String name, int partitions) {
        return new CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) 1);
    }

    static CreateTopicsRequestData create(CreatableTopic... topics) {
        var request = new CreateTopicsRequestData().setTimeoutMs(30_000);
        for (CreatableTopic topic : topics) {
            request.topics().mustAdd(topic);
        }
        return request;
    }
}
