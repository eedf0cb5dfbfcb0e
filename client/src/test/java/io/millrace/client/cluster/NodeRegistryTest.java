package io.millrace.client.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.cluster.ClusterNode.Role;
import io.millrace.client.partition.TopicPartition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeRegistryTest {

    private static final long SECOND = 1_000_000_000L;
    private static final TopicPartition T0 = new TopicPartition("t", 0);

    private final NodeRegistry roster = new NodeRegistry("a");
    private long now = 17;

    NodeRegistryTest() {
        roster.requireRole(Role.INGEST);
    }

    private static ClusterNode node(String id, String zone, Role... roles) {
        return new ClusterNode(id, Set.of(roles), zone, "host-" + id, 9090);
    }

    private static ClusterNode ingest(String id, String zone) {
        return node(id, zone, Role.INGEST);
    }

    private void learn(String answeredBy, ClusterNode... nodes) {
        roster.update(new ClusterDescription("c", answeredBy, List.of(nodes)), now);
    }

    private NodePlacement decide() {
        roster.updatePlacements(now);
        return roster.placement(Role.INGEST);
    }

    private List<ClusterNode> ask() {
        roster.updatePlacements(now);
        return roster.dueProbes(now);
    }

    private static NodePlacement spread(ClusterNode... nodes) {
        return NodePlacement.Spread.over(List.of(nodes));
    }

    private void answer(ClusterNode... nodes) {
        for (ClusterNode each : nodes) {
            roster.answered(each, now);
        }
    }

    @Test
    void placementIsEmptyBeforeTheFirstResponseAndHomeAfterAFailedSearch() {
        assertThat(decide()).isInstanceOf(NodePlacement.Unplaced.class);
        roster.searchFailed();
        assertThat(decide()).isEqualTo(new NodePlacement.Home());
    }

    @Test
    void aNodeIsNotUsedBeforeItRespondsAtItsOwnAddress() {
        ClusterNode one = ingest("1", "a");
        ClusterNode two = ingest("2", "a");
        learn("1", one, two);
        assertThat(decide()).isInstanceOf(NodePlacement.Unplaced.class);
        assertThat(ask()).containsExactlyInAnyOrder(one, two);
        assertThat(ask()).isEmpty();
        answer(one);
        assertThat(decide()).isInstanceOf(NodePlacement.Unplaced.class);
        now += SECOND;
        assertThat(decide()).isEqualTo(spread(one));
        answer(two);
        assertThat(decide()).isEqualTo(spread(one, two));
    }

    @Test
    void otherZonesAreNotProbedWhileTheOwnZoneResponds() {
        ClusterNode near = ingest("1", "a");
        ClusterNode far = ingest("2", "b");
        learn("1", near, far);
        assertThat(ask()).containsExactly(near);
        answer(near);
        assertThat(decide()).isEqualTo(spread(near));
        assertThat(ask()).isEmpty();
        roster.failed(near, now, "gone");
        assertThat(ask()).containsExactly(far);
        answer(far);
        assertThat(decide()).isEqualTo(spread(far));
        now += SECOND;
        assertThat(ask()).containsExactly(near);
        answer(near);
        assertThat(decide()).isEqualTo(spread(near));
    }

    @Test
    void aSingleNodeIsUsedAtHomeWithoutProbes() {
        learn("1", ingest("1", "z"));
        assertThat(decide()).isEqualTo(new NodePlacement.Home());
        assertThat(ask()).isEmpty();
    }

    @Test
    void aSingleNodeWithoutTheRoleIsNotUsed() {
        learn("1", node("1", "a", Role.FETCH));
        assertThat(decide())
                .isInstanceOfSatisfying(
                        NodePlacement.Unplaced.class,
                        nowhere -> assertThat(nowhere.why()).contains("role ingest", "1"));
    }

    @Test
    void unreachableNodesAreUsedAtHomeIfItHasTheRole() {
        ClusterNode one = ingest("1", "a");
        ClusterNode two = ingest("2", "a");
        ClusterNode reader = node("3", "a", Role.FETCH);
        learn("1", one, two, reader);
        roster.failed(one, now, "refused");
        roster.failed(two, now, "refused");
        assertThat(decide()).isEqualTo(new NodePlacement.Home());
        learn("3", one, two, reader);
        assertThat(decide())
                .isInstanceOfSatisfying(
                        NodePlacement.Unplaced.class,
                        nowhere ->
                                assertThat(nowhere.why())
                                        .contains("1 at host-1:9090 (refused)", "2 at host-2"));
    }

    @Test
    void aFailingNodeIsProbedLessAndLess() {
        ClusterNode node = ingest("1", "a");
        learn("2", node, ingest("2", "a"));
        List<Long> asked = new ArrayList<>();
        for (long until = now + 60 * SECOND; now < until; now += SECOND / 20) {
            if (ask().contains(node)) {
                asked.add(now);
                roster.failed(node, now, "refused");
            }
        }
        assertThat(asked).hasSizeBetween(8, 16);
    }

    @Test
    void aNodeThatOnlyFailsIsSetAsideAndRetriedLater() {
        ClusterNode one = ingest("1", "a");
        ClusterNode two = ingest("2", "a");
        learn("1", one, two);
        answer(one, two);
        assertThat(roster.unserved(one, Role.INGEST, now, false)).isFalse();
        now += RoleHealth.SET_ASIDE_AFTER_NANOS - 1;
        assertThat(roster.unserved(one, Role.INGEST, now, false)).isFalse();
        assertThat(decide()).isEqualTo(spread(one, two));
        now += 1;
        assertThat(roster.unserved(one, Role.INGEST, now, false)).isTrue();
        assertThat(decide()).isEqualTo(spread(two));
        now += 10 * SECOND;
        assertThat(decide()).isEqualTo(spread(one, two));
        assertThat(roster.unserved(one, Role.INGEST, now, false)).isTrue();
        now += 19 * SECOND;
        assertThat(decide()).isEqualTo(spread(two));
        now += SECOND;
        roster.served(one, Role.INGEST);
        assertThat(roster.unserved(one, Role.INGEST, now, false)).isFalse();
        assertThat(decide()).isEqualTo(spread(one, two));
    }

    @Test
    void aNodeThatSometimesServesIsNotSetAside() {
        ClusterNode node = ingest("1", "a");
        learn("1", node, ingest("2", "a"));
        answer(node);
        for (int i = 0; i < 20; i++) {
            assertThat(roster.unserved(node, Role.INGEST, now, false)).isFalse();
            roster.served(node, Role.INGEST);
            now += SECOND;
        }
    }

    @Test
    void whenAllFailNoneIsPreferredUntilOneOfThemWorksAgain() {
        ClusterNode one = ingest("1", "a");
        ClusterNode two = ingest("2", "a");
        learn("1", one, two);
        answer(one, two);
        assertThat(roster.unserved(one, Role.INGEST, now, true)).isTrue();
        assertThat(decide()).isEqualTo(spread(two));
        assertThat(roster.unserved(two, Role.INGEST, now, true)).isFalse();
        for (int i = 0; i < 200; i++) {
            assertThat(roster.unserved(i % 2 == 0 ? one : two, Role.INGEST, now, true)).isFalse();
            assertThat(decide()).isEqualTo(spread(one, two));
            now += SECOND;
        }
        roster.served(two, Role.INGEST);
        assertThat(roster.unserved(one, Role.INGEST, now, true)).isTrue();
        assertThat(decide()).isEqualTo(spread(two));
    }

    @Test
    void otherZonesAreUsedWhileTheOwnZoneFails() {
        ClusterNode near = ingest("1", "a");
        ClusterNode far = ingest("2", "b");
        learn("1", near, far);
        answer(near);
        assertThat(ask()).isEmpty();
        assertThat(roster.unserved(near, Role.INGEST, now, true)).isTrue();
        assertThat(decide()).isEqualTo(spread(near));
        assertThat(ask()).containsExactly(far);
        answer(far);
        assertThat(decide()).isEqualTo(spread(far));
    }

    @Test
    void aNodeWithANewAddressIsProbedAgain() {
        ClusterNode one = ingest("1", "a");
        ClusterNode two = ingest("2", "a");
        ClusterNode moved = new ClusterNode("1", Set.of(Role.INGEST), "a", "elsewhere", 9090);
        learn("1", one, two);
        ask();
        answer(one, two);
        learn("2", moved, two);
        assertThat(ask()).containsExactly(moved);
        assertThat(decide()).isNotEqualTo(spread(one, two));
    }

    /** Checks invariants that hold for all reports in any order. */
    @Test
    void placementInvariantsHoldForAnyReports() {
        for (long seed = 0; seed < 300; seed++) {
            play(new Random(seed), seed);
        }
    }

    private static void play(Random random, long seed) {
        String zone = random.nextBoolean() ? "a" : "";
        NodeRegistry roster = new NodeRegistry(zone);
        roster.requireRole(Role.INGEST);
        Set<ClusterNode> good = new HashSet<>();
        List<ClusterNode> live = List.of();
        long now = random.nextLong();
        long learntNanos = 0;
        boolean learnt = false;
        for (int step = 0; step < 60; step++) {
            now += random.nextLong(2 * SECOND);
            switch (random.nextInt(4)) {
                case 0 -> {
                    live = someNodes(random);
                    learntNanos = learnt ? learntNanos : now;
                    learnt = true;
                    good.retainAll(Set.copyOf(live));
                    roster.update(new ClusterDescription("c", "n0", live), now);
                }
                case 1 -> {
                    for (ClusterNode each : good.stream().toList()) {
                        if (random.nextInt(3) == 0) {
                            roster.failed(each, now, "failed");
                            good.remove(each);
                        }
                    }
                }
                default -> {
                    for (ClusterNode each : roster.dueProbes(now)) {
                        if (random.nextInt(3) == 0) {
                            roster.failed(each, now, "failed");
                        } else {
                            roster.answered(each, now);
                            good.add(each);
                        }
                    }
                }
            }
            roster.updatePlacements(now);
            if (roster.placement(Role.INGEST) instanceof NodePlacement.Spread spread) {
                ClusterNode chosen = spread.nodeOf(T0);
                assertThat(good).as("seed %d", seed).containsAll(spread.nodes().values());
                assertThat(live).as("seed %d", seed).contains(chosen);
                assertThat(chosen.roles()).as("seed %d", seed).contains(Role.INGEST);
                assertThat(spread.nodes().values())
                        .as("seed %d", seed)
                        .allMatch(each ->
                                each.zone().equals(zone)
                                        || good.stream()
                                                .filter(other -> other.zone().equals(zone))
                                                .noneMatch(NodeRegistryTest::takesRecords));
            } else if (now - learntNanos >= SECOND / 2) {
                assertThat(good).as("seed %d", seed).noneMatch(NodeRegistryTest::takesRecords);
            }
        }
    }

    private static boolean takesRecords(ClusterNode node) {
        return node.roles().contains(Role.INGEST);
    }

    private static List<ClusterNode> someNodes(Random random) {
        List<ClusterNode> nodes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            if (random.nextInt(4) > 0) {
                String zone = i % 2 == 0 ? "a" : "b";
                nodes.add(
                        i == 4
                                ? node("n" + i, zone, Role.FETCH)
                                : node("n" + i, zone, Role.INGEST, Role.FETCH));
            }
        }
        return nodes;
    }
}
