package io.millrace.it.differential;

import static io.millrace.it.differential.GroupRequests.commit;
import static io.millrace.it.differential.GroupRequests.delete;
import static io.millrace.it.differential.GroupRequests.describe;
import static io.millrace.it.differential.GroupRequests.join;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Requests that find, list, describe and delete groups. */
final class GroupListScenarios {

    private GroupListScenarios() {}

    private static ClassicConsumer member(Side side, String group, String name) {
        return new ClassicConsumer(side, name, null, join(group, "", "listed", "range"));
    }

    static void lists(Side side) {
        side.createTopic("listed", 2);
        GroupRequests.awaitCoordinator(side);
        list(side, "no groups", List.of(), List.of());
        side.call("prepare", ApiKeys.OFFSET_COMMIT, 9, commit("list-simple", "", -1, "listed", 0));
        ClassicConsumer stable = member(side, "list-stable", "stable");
        stable.run("listed", 0, 1);
        ClassicConsumer completing = member(side, "list-completing", "completing");
        completing.join("joins");
        ClassicConsumer left = member(side, "list-left", "left");
        left.run("listed", 0, 1);
        left.leave("leaves");
        member(side, "list-promised", "promised").reserveId();
        var consumer = new ModernConsumer(side, "consumer", "list-consumer", "c");
        consumer.join("joins", "listed");
        list(side, "all", List.of(), List.of());
        for (String state :
                List.of(
                        "Stable",
                        "stable",
                        "Empty",
                        "CompletingRebalance",
                        "completingrebalance",
                        "PreparingRebalance",
                        "Dead",
                        "Assigning",
                        "Reconciling",
                        "NotReady",
                        "Unknown",
                        "nonsense",
                        "")) {
            list(side, "state " + state, List.of(state), List.of());
        }
        for (String type :
                List.of(
                        "classic",
                        "Classic",
                        "consumer",
                        "CONSUMER",
                        "share",
                        "streams",
                        "unknown",
                        "nonsense",
                        "")) {
            list(side, "type " + type, List.of(), List.of(type));
        }
        list(side, "two states", List.of("Stable", "Empty"), List.of());
        list(side, "two types", List.of(), List.of("classic", "consumer"));
        list(side, "state and type", List.of("Stable"), List.of("consumer"));
        list(side, "right and wrong state", List.of("Stable", "nonsense"), List.of());
        list(side, "right and wrong type", List.of(), List.of("consumer", "nonsense"));
        consumer.leave("leaves");
        list(side, "consumer left", List.of(), List.of());
    }

    private static void list(Side side, String label, List<String> states, List<String> types) {
        for (short version : ApiKeys.LIST_GROUPS.allVersions()) {
            boolean expressible =
                    (version >= 4 || states.isEmpty()) && (version >= 5 || types.isEmpty());
            if (expressible) {
                side.call(
                        label,
                        ApiKeys.LIST_GROUPS,
                        version,
                        new ListGroupsRequestData().setStatesFilter(states).setTypesFilter(types));
            }
        }
    }

    static void descriptions(Side side) {
        side.createTopic("described", 2);
        GroupRequests.awaitCoordinator(side);
        describeEach(side, "unknown", "no-such", "", "no-such-too");
        describeEach(side, "nothing");
        side.call(
                "prepare", ApiKeys.OFFSET_COMMIT, 9, commit("desc-simple", "", -1, "described", 0));
        describeEach(side, "simple", "desc-simple");
        ClassicConsumer promised = member(side, "described", "promised");
        promised.reserveId();
        describeEach(side, "promised", "described");
        ClassicConsumer member = member(side, "described", "member");
        member.join("joins");
        describeEach(side, "completing", "described");
        member.sync("assigns", Map.of(member.id(), GroupRequests.assignment("described", 0, 1)));
        describeEach(side, "stable", "described", "described");
        for (int version = 3; version <= 6; version++) {
            side.call(
                    "operations",
                    ApiKeys.DESCRIBE_GROUPS,
                    version,
                    describe("described", "no-such").setIncludeAuthorizedOperations(true));
        }
        member.leave("leaves");
        describeEach(side, "left", "described");
        side.call("left", ApiKeys.DELETE_GROUPS, 2, delete("described"));
        describeEach(side, "deleted", "described");
    }

    private static void describeEach(Side side, String label, String... groups) {
        side.each(label, ApiKeys.DESCRIBE_GROUPS, v -> describe(groups));
    }

    static void deletions(Side side) {
        side.createTopic("dropped", 2);
        GroupRequests.awaitCoordinator(side);
        var member =
                new ClassicConsumer(side, "member", null, join("drop", "", "dropped", "range"));
        member.run("dropped", 0, 1);
        side.each("with members", ApiKeys.DELETE_GROUPS, v -> delete("drop"));
        side.each("unknown", ApiKeys.DELETE_GROUPS, v -> delete("no-such", ""));
        side.each("twice", ApiKeys.DELETE_GROUPS, v -> delete("no-such", "no-such"));
        side.each("nothing", ApiKeys.DELETE_GROUPS, v -> delete());
        member.leave("leaves");
        side.call("left", ApiKeys.DELETE_GROUPS, 2, delete("drop", "no-such"));
        side.call("left again", ApiKeys.DELETE_GROUPS, 2, delete("drop"));
        for (short version : ApiKeys.DELETE_GROUPS.allVersions()) {
            side.call(
                    "prepare " + version,
                    ApiKeys.OFFSET_COMMIT,
                    9,
                    commit("drop-" + version, "", -1, "dropped", 0));
            side.call("simple", ApiKeys.DELETE_GROUPS, version, delete("drop-" + version));
        }
        var joining =
                new ClassicConsumer(side, "joining", null, join("drop", "", "dropped", "range"));
        joining.reserveId();
        side.call("promised", ApiKeys.DELETE_GROUPS, 2, delete("drop"));
        joining.endJoin("joins", joining.begin());
        side.call("completing", ApiKeys.DELETE_GROUPS, 2, delete("drop"));
    }

    static void coordinators(Side side) {
        GroupRequests.awaitCoordinator(side);
        for (int version = 0; version <= 3; version++) {
            for (String key : List.of("group", "", "a b", "x".repeat(300))) {
                side.call(
                        "key of " + key.length() + " with " + key.indexOf(' '),
                        ApiKeys.FIND_COORDINATOR,
                        version,
                        new FindCoordinatorRequestData().setKey(key));
            }
        }
        for (byte type : new byte[] {0, 1, 2, 3, -1, Byte.MAX_VALUE}) {
            for (int version = 1; version <= 3; version++) {
                side.call(
                        "type " + type,
                        ApiKeys.FIND_COORDINATOR,
                        version,
                        new FindCoordinatorRequestData().setKey("any").setKeyType(type));
            }
            for (int version = 4; version <= 6; version++) {
                side.call(
                        "type " + type,
                        ApiKeys.FIND_COORDINATOR,
                        version,
                        new FindCoordinatorRequestData()
                                .setCoordinatorKeys(List.of("any", ""))
                                .setKeyType(type));
            }
        }
        for (int version = 4; version <= 6; version++) {
            side.call(
                    "several",
                    ApiKeys.FIND_COORDINATOR,
                    version,
                    new FindCoordinatorRequestData()
                            .setCoordinatorKeys(List.of("a", "b", "a", "")));
            side.call(
                    "none",
                    ApiKeys.FIND_COORDINATOR,
                    version,
                    new FindCoordinatorRequestData().setCoordinatorKeys(List.of()));
        }
    }
}
