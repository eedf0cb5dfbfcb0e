package io.millrace.it.differential;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * The values of the fields of drawn requests: right ones, which name what exists, and missing or
 * extreme ones. A value is left out where it would change what later requests find at a time of the
 * server's choice, hold back an answer, or lead to a difference that scenarios compare.
 */
final class DrawnValues {

    /**
     * A field of a request.
     *
     * @param parent the name of the array that has the field in its elements; empty in the request
     */
    record Place(ApiKeys api, short version, String parent, String name) {

        /** Returns the place of a field in a structure at this place. */
        Place field(String field) {
            return new Place(api, version, name, field);
        }
    }

    /**
     * The topic and the groups of both servers.
     *
     * @param topic a topic with two partitions
     * @param group a group with committed offsets and no members
     * @param classic a group with one member
     * @param member the id of that member
     */
    record Existing(String topic, Uuid topicId, String group, String classic, String member) {}

    static final Uuid UNKNOWN = Uuid.fromString("AAAABBBBCCCCDDDDEEEEFF");
    private static final String LONG = "x".repeat(249);
    private static final String[] TEXTS = {"", "no.such", "1", "-1", "\u20ac", LONG};
    private static final String[] ILLEGAL_TOPICS = {"", "a b", "..", "\u20ac", LONG + "x"};
    private static final String[] TOPICS = {"", "a b", "no.such", "\u20ac", LONG, LONG + "x"};
    private static final int[] NUMBERS = {
        0, 1, -1, 2, -2, 1_000, Integer.MIN_VALUE, Integer.MAX_VALUE
    };

    /** The first version of Metadata whose requests say whether topics are created. */
    private static final short WITHOUT_CREATION = 4;

    /**
     * APIs that Kafka answers as if a topic without partitions were not in the request, which no
     * client can notice.
     */
    private static final Set<ApiKeys> WITHOUT_EMPTY_TOPICS =
            EnumSet.of(
                    ApiKeys.PRODUCE,
                    ApiKeys.LIST_OFFSETS,
                    ApiKeys.OFFSET_COMMIT,
                    ApiKeys.DELETE_RECORDS);

    private final Existing existing;

    /** The group of the request that is drawn. */
    private String group = "";

    private int groups;

    DrawnValues(Existing existing) {
        this.existing = existing;
    }

    /** Null records are not answered by Kafka, and null topics are all, of which Kafka has more. */
    static boolean mayBeNull(Place place) {
        return switch (place.name()) {
            case "records", "topics" -> false;
            // Kafka looks for null values before it looks for the topic.
            case "value" -> place.api() == ApiKeys.CREATE_TOPICS;
            default -> true;
        };
    }

    /** Returns the size of an array for which another was drawn. */
    static int size(Place place, int drawn) {
        boolean empty =
                switch (place.api()) {
                    // Assignments may name any nodes.
                    case CREATE_TOPICS, CREATE_PARTITIONS -> place.name().equals("assignments");
                    default -> false;
                };
        boolean filled =
                switch (place.api()) {
                    // No topics stand for all.
                    case METADATA, DESCRIBE_TOPIC_PARTITIONS -> true;
                    // Each has an error, and the whole has none.
                    case LEAVE_GROUP -> place.name().equals("members");
                    default ->
                            WITHOUT_EMPTY_TOPICS.contains(place.api())
                                    && place.name().startsWith("partition");
                };
        // Kafka answers these in no order.
        int most = place.name().equals("entries") ? 1 : 2;
        return empty ? 0 : Math.clamp(drawn, filled ? 1 : 0, most);
    }

    @Nullable Object draw(Place place, Type type, boolean right, SplittableRandom random) {
        int number = right ? rightNumber(place, random) : wrongNumber(place, random);
        return switch (type.toString()) {
            case "BOOLEAN" -> flag(place, random);
            case "INT8" -> (byte) number;
            case "INT16" -> (short) number;
            case "UINT16" -> number & 0xffff;
            case "INT32" -> number;
            case "INT64" -> wide(number);
            case "FLOAT64" -> (double) number;
            case "UUID" -> topicId(place, right, random);
            case "STRING", "COMPACT_STRING", "NULLABLE_STRING", "COMPACT_NULLABLE_STRING" -> {
                String text =
                        right || joinsAgain(place)
                                ? rightText(place, random)
                                : wrongText(place, random);
                yield text == null && !type.isNullable() ? "" : text;
            }
            case "BYTES", "COMPACT_BYTES", "NULLABLE_BYTES", "COMPACT_NULLABLE_BYTES" ->
                    ByteBuffer.wrap(
                            right || joinsAgain(place)
                                    ? rightBytes(place)
                                    : new byte[random.nextInt(5)]);
            case "RECORDS", "COMPACT_RECORDS", "NULLABLE_RECORDS", "COMPACT_NULLABLE_RECORDS" ->
                    MemoryRecords.readableRecords(records(right, random));
            default -> throw new AssertionError(place + " has the type " + type);
        };
    }

    private Uuid topicId(Place place, boolean right, SplittableRandom random) {
        return switch (place.api()) {
            case DELETE_TOPICS -> one(random, Uuid.ZERO_UUID, UNKNOWN);
            // Without a name or an id, Kafka answers UNKNOWN_SERVER_ERROR.
            case METADATA, FETCH -> right ? existing.topicId() : UNKNOWN;
            default -> right ? existing.topicId() : one(random, Uuid.ZERO_UUID, UNKNOWN);
        };
    }

    @SafeVarargs
    private static <T> T one(SplittableRandom random, T... of) {
        return of[random.nextInt(of.length)];
    }

    private static long wide(int number) {
        return number == Integer.MIN_VALUE
                ? Long.MIN_VALUE
                : number == Integer.MAX_VALUE ? Long.MAX_VALUE : number;
    }

    private static boolean flag(Place place, SplittableRandom random) {
        return switch (place.name()) {
            case "validate_only" -> true;
            case "allow_auto_topic_creation" -> false;
            // Kafka removes unknown quotas.
            case "remove" -> false;
            default -> random.nextBoolean();
        };
    }

    private static int rightNumber(Place place, SplittableRandom random) {
        return switch (place.name()) {
            case "acks",
                    "committed_leader_epoch",
                    "current_leader_epoch",
                    "last_fetched_epoch",
                    "leader_epoch",
                    "num_partitions",
                    "producer_epoch",
                    "producer_id",
                    "replica_id",
                    "session_epoch" ->
                    -1;
            case "generation_id", "generation_id_or_member_epoch", "member_epoch" ->
                    random.nextInt(-1, 2);
            case "key_type", "session_id" -> 0;
            case "replication_factor" -> 1;
            case "resource_type" -> 2;
            case "count" -> 3;
            case "timestamp" -> random.nextInt(-3, 0);
            case "node_id" -> -1;
            case "timeout_ms", "rebalance_timeout_ms" -> 30_000;
            // Members stay for the time of the test.
            case "session_timeout_ms" -> 1_800_000;
            case "transaction_timeout_ms" -> 60_000;
            case "max_bytes", "partition_max_bytes" -> 1 << 20;
            case "max_wait_ms", "min_bytes" -> 1;
            default -> random.nextInt(2);
        };
    }

    private static int wrongNumber(Place place, SplittableRandom random) {
        return switch (place.name()) {
            // 0 has no answer.
            case "acks" -> 1;
            // The epochs of the two servers differ, and some APIs of Kafka take all negative
            // numbers for none.
            case "committed_leader_epoch",
                    "current_leader_epoch",
                    "last_fetched_epoch",
                    "leader_epoch" ->
                    Integer.MAX_VALUE;
            // Kafka answers UNKNOWN_SERVER_ERROR to unknown operations.
            case "config_operation" -> random.nextInt(4);
            case "committed_offset" -> one(random, 0, 1_000, Integer.MAX_VALUE);
            case "isolation_level" -> random.nextInt(2);
            // Coordinators of transactions.
            case "key_type" -> one(random, 2, 3, -1, 127);
            // Any number of replicas is accepted, and a topic may have 100,000 partitions.
            case "num_partitions", "replication_factor", "count" ->
                    one(random, 0, 1, -1, -2, Integer.MIN_VALUE);
            // A whole batch is returned, however small a limit, and negative limits mean 0.
            case "max_bytes", "partition_max_bytes" -> Integer.MAX_VALUE;
            case "max_wait_ms" -> random.nextInt(-1, 50);
            // A member that does not request its assignment in time leaves at any time.
            case "rebalance_timeout_ms" -> one(random, 30_000, Integer.MAX_VALUE);
            // Kafka answers UNKNOWN_SERVER_ERROR to larger and smaller numbers.
            case "session_id" -> random.nextInt(-1, 1_000);
            // All that Kafka does not know is of one type, and DescribeConfigs fails for it as a
            // whole.
            case "resource_type" ->
                    place.api() == ApiKeys.DESCRIBE_CONFIGS
                            ? one(random, 2, 4)
                            : one(random, 2, 3, 4);
            // Nodes do not replicate.
            case "replica_id" -> one(random, -1, -2, Integer.MIN_VALUE);
            case "timeout_ms" -> 30_000;
            default -> NUMBERS[random.nextInt(NUMBERS.length)];
        };
    }

    private @Nullable String rightText(Place place, SplittableRandom random) {
        return switch (place.name()) {
            case "topics", "topic_names", "topic", "topic_name", "resource_name" ->
                    rightTopic(place, random);
            case "name" ->
                    switch (place.parent()) {
                        case "configs" -> "retention.ms";
                        case "protocols" -> "range";
                        case "users" -> "someone";
                        default -> rightTopic(place, random);
                    };
            case "group_id", "group_ids", "groups", "groups_names", "coordinator_keys" ->
                    group(place, random);
            case "key" -> place.parent().equals("ops") ? "producer_byte_rate" : existing.group();
            case "member_id" -> group.equals(existing.classic()) ? existing.member() : "";
            case "configuration_keys" -> "retention.ms";
            case "value" -> "86400000";
            case "client_software_name", "client_software_version" -> "drawn-1.0";
            case "protocol_type" -> GroupRequests.CONSUMER;
            case "protocol_name" -> "range";
            case "entity_type" -> "user";
            case "match", "entity_name" -> "someone";
            case "mechanism" -> "PLAIN";
            default -> null;
        };
    }

    private String rightTopic(Place place, SplittableRandom random) {
        return place.api() == ApiKeys.DELETE_TOPICS ? wrongTopic(place, random) : existing.topic();
    }

    /** A member that is new to a group with members would wait for the others. */
    private String group(Place place, SplittableRandom random) {
        group =
                switch (place.api()) {
                    case JOIN_GROUP -> one(random, existing.classic(), newGroup());
                    case CONSUMER_GROUP_HEARTBEAT -> newGroup();
                    default -> one(random, existing.group(), existing.classic());
                };
        return group;
    }

    private String newGroup() {
        return existing.group() + "-" + groups++;
    }

    private @Nullable String wrongText(Place place, SplittableRandom random) {
        return switch (place.name()) {
            case "topics", "topic_names", "topic", "topic_name" -> wrongTopic(place, random);
            // The empty name is that of all nodes.
            case "resource_name" -> one(random, "a b", "no.such", "-1", LONG);
            case "name" ->
                    place.parent().equals("topics")
                            ? wrongTopic(place, random)
                            : one(random, TEXTS);
            case "group_id", "group_ids", "groups", "groups_names", "coordinator_keys" ->
                    wrongGroup(place, random);
            case "key" ->
                    place.api() == ApiKeys.FIND_COORDINATOR
                            ? wrongGroup(place, random)
                            : one(random, TEXTS);
            // An empty instance is none.
            case "group_instance_id", "instance_id" -> one(random, "no.such", LONG);
            case "client_software_name", "client_software_version" -> one(random, "", " ", "-1");
            // There are no transactions.
            case "transactional_id" -> place.api() == ApiKeys.PRODUCE ? one(random, TEXTS) : null;
            default -> one(random, TEXTS);
        };
    }

    private static String wrongTopic(Place place, SplittableRandom random) {
        boolean creates = place.api() == ApiKeys.METADATA && place.version() < WITHOUT_CREATION;
        return one(random, creates ? ILLEGAL_TOPICS : TOPICS);
    }

    /** The empty group is one only to Kafka. */
    private String wrongGroup(Place place, SplittableRandom random) {
        group =
                switch (place.api()) {
                    case OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR -> newGroup();
                    default -> one(random, "", newGroup(), newGroup() + "\u20ac");
                };
        return group;
    }

    /** After other protocols of a member, the generations of the two servers differ. */
    private boolean joinsAgain(Place place) {
        return place.parent().equals("protocols") && group.equals(existing.classic());
    }

    private byte[] rightBytes(Place place) {
        return switch (place.name()) {
            case "assignment" -> GroupRequests.assignment(existing.topic(), 0);
            case "metadata" -> GroupRequests.subscription(existing.topic());
            default -> new byte[0];
        };
    }

    /**
     * Returns a batch, or one with a wrong bit from its checksum on: what comes before, Kafka
     * checks after it has found the topic.
     */
    private static ByteBuffer records(boolean right, SplittableRandom random) {
        ByteBuffer batch = Requests.batch("drawn " + random.nextInt(1_000));
        if (!right) {
            int at = random.nextInt(DefaultRecordBatch.CRC_OFFSET, batch.limit());
            batch.put(at, (byte) (batch.get(at) ^ 1));
        }
        return batch;
    }
}
