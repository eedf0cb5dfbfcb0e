package io.millrace.it.differential;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** The requests of one seed: one of each API of an area and of each of its versions. */
final class DrawnScenario implements BrokerPair.Scenario {

    /** Some of the APIs. */
    enum Area {
        TOPICS,
        GROUPS;

        private static final Set<ApiKeys> OF_GROUPS =
                EnumSet.of(
                        ApiKeys.FIND_COORDINATOR,
                        ApiKeys.JOIN_GROUP,
                        ApiKeys.SYNC_GROUP,
                        ApiKeys.HEARTBEAT,
                        ApiKeys.LEAVE_GROUP,
                        ApiKeys.OFFSET_COMMIT,
                        ApiKeys.OFFSET_FETCH,
                        ApiKeys.OFFSET_DELETE,
                        ApiKeys.DESCRIBE_GROUPS,
                        ApiKeys.LIST_GROUPS,
                        ApiKeys.DELETE_GROUPS,
                        ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                        ApiKeys.CONSUMER_GROUP_DESCRIBE);

        private boolean has(ApiKeys api) {
            return OF_GROUPS.contains(api) == (this == GROUPS) && !LEFT_OUT.contains(api);
        }
    }

    /**
     * Without an authorizer, Kafka refuses all requests for ACLs; users cannot be changed by
     * requests that are only validated. A scenario compares SaslAuthenticate out of turn.
     */
    private static final Set<ApiKeys> LEFT_OUT =
            EnumSet.of(
                    ApiKeys.CREATE_ACLS,
                    ApiKeys.DESCRIBE_ACLS,
                    ApiKeys.DELETE_ACLS,
                    ApiKeys.SASL_AUTHENTICATE,
                    ApiKeys.ALTER_USER_SCRAM_CREDENTIALS);

    private final Area area;
    private final long seed;
    private final List<ApiVersion> offered;

    DrawnScenario(Area area, long seed, List<ApiVersion> offered) {
        this.area = area;
        this.seed = seed;
        this.offered = offered;
    }

    @Override
    public void run(Side side) {
        String name = "seed-" + seed + "-" + area;
        // The records are old, and each server deletes them at a time of its own.
        Uuid id = side.createTopic(name, 2, Map.of("retention.ms", "-1"));
        side.answers().name(DrawnValues.UNKNOWN.toString(), "unknown id");
        String member = "";
        if (area == Area.GROUPS) {
            GroupRequests.awaitCoordinator(side);
            side.call(
                    "first", ApiKeys.OFFSET_COMMIT, 8, GroupRequests.commit(name, "", -1, name, 0));
            member = join(side, name + "-classic", name);
        } else {
            awaitProducerIds(side);
        }
        DrawnValues values =
                new DrawnValues(
                        new DrawnValues.Existing(name, id, name, name + "-classic", member));
        DrawnRequests drawn = new DrawnRequests(new SplittableRandom(seed), values);
        for (ApiVersion each : offered) {
            ApiKeys api = ApiKeys.forId(each.apiKey());
            if (area.has(api)) {
                int oldest = Math.max(each.minVersion(), api.oldestVersion());
                for (int version = oldest; version <= each.maxVersion(); version++) {
                    side.call("drawn", api, version, drawn.next(api, (short) version));
                }
            }
        }
    }

    /**
     * Kafka's controller gives its first producer ids, of which 0 is one, some time after a start.
     */
    private static void awaitProducerIds(Side side) {
        InitProducerIdResponseData answer;
        do {
            answer =
                    (InitProducerIdResponseData)
                            side.quietly(
                                            ApiKeys.INIT_PRODUCER_ID,
                                            4,
                                            new InitProducerIdRequestData()
                                                    .setTransactionalId(null))
                                    .orElseThrow();
        } while (answer.errorCode() != 0);
    }

    /** Joins a group and returns the id of its only member. */
    private static String join(Side side, String group, String topic) {
        var request = GroupRequests.join(group, "", topic, "range").setSessionTimeoutMs(1_800_000);
        var joined =
                (JoinGroupResponseData)
                        side.call("first", ApiKeys.JOIN_GROUP, 3, request).orElseThrow();
        String member = joined.memberId();
        var assignment =
                new SyncGroupRequestData.SyncGroupRequestAssignment()
                        .setMemberId(member)
                        .setAssignment(GroupRequests.assignment(topic, 0, 1));
        side.call(
                "first",
                ApiKeys.SYNC_GROUP,
                3,
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationId(joined.generationId())
                        .setAssignments(List.of(assignment)));
        return member;
    }
}
