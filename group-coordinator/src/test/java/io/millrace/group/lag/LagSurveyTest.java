package io.millrace.group.lag;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.group.Coordinators;
import io.millrace.group.admin.GroupWorld;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LagSurveyTest {

    private final GroupWorld world = new GroupWorld();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Topic topic = world.here.createTopic("orders", 2);
    private List<RegisteredNode> members =
            List.of(member("here", world.here.metadata().incarnation()));

    private static RegisteredNode member(String node, long incarnation) {
        return new RegisteredNode(node, incarnation, Set.of(Role.FETCH), "", "host", 1, 2, 0);
    }

    private void survey(int maxPartitions) {
        new LagSurvey(
                        world.here.metadata(),
                        new Coordinators(world.here.metadata(), () -> members),
                        InstantSource.fixed(Instant.ofEpochMilli(GroupWorld.NOW_MS)),
                        maxPartitions,
                        new LagMetrics(registry))
                .start();
    }

    private void roundsPass() {
        world.loop.advance(LagSurvey.INTERVAL.plus(Duration.ofSeconds(1)));
    }

    /** Returns the published series as group/topic/partition. */
    private Set<String> shown() {
        Set<String> shown = new TreeSet<>();
        for (Gauge gauge : registry.find("millrace.group.lag.records").gauges()) {
            shown.add(
                    "%s/%s/%s"
                            .formatted(
                                    gauge.getId().getTag("group"),
                                    gauge.getId().getTag("topic"),
                                    gauge.getId().getTag("partition")));
        }
        assertThat(registry.find("millrace.group.lag.seconds").gauges()).hasSameSizeAs(shown);
        return shown;
    }

    private double value(String name, int partition) {
        return registry.get(name).tag("partition", "" + partition).gauge().value();
    }

    private double leftOut() {
        return registry.get("millrace.group.lag.left.out").gauge().value();
    }

    @Test
    void theLagOfWhatWasCommittedIsShownAndFollows() {
        survey(10);
        world.write(topic, 0, 30, GroupWorld.NOW_MS - 1500);
        world.commit(world.here, "g", topic, 0, 10);
        roundsPass();
        assertThat(shown()).containsExactly("g/orders/0");
        assertThat(value("millrace.group.lag.records", 0)).isEqualTo(20);
        assertThat(value("millrace.group.lag.seconds", 0)).isEqualTo(1.5);

        world.commit(world.here, "g", topic, 0, 30);
        roundsPass();

        assertThat(value("millrace.group.lag.records", 0)).isZero();
        assertThat(value("millrace.group.lag.seconds", 0)).isZero();
    }

    @Test
    void aMemberThatHasCommittedNothingHasEverythingBeforeItAndNoAge() {
        survey(10);
        world.write(topic, 0, 30, GroupWorld.NOW_MS - 1500);
        world.join("g", "m", topic, 0);
        roundsPass();

        assertThat(shown()).containsExactly("g/orders/0");
        assertThat(value("millrace.group.lag.records", 0)).isEqualTo(30);
        assertThat(value("millrace.group.lag.seconds", 0)).isNaN();
    }

    @Test
    void aGroupThatIsGoneIsShownNoMore() {
        survey(10);
        world.commit(world.here, "g", topic, 0, 0);
        world.commit(world.here, "h", topic, 0, 0);
        roundsPass();

        world.here.propose(new Command.GroupDeleted("g"));
        roundsPass();

        assertThat(shown()).containsExactly("h/orders/0");
    }

    @Test
    void whatHasNoRoomIsCounted() {
        survey(3);
        for (String group : List.of("a", "b", "c")) {
            world.commit(world.here, group, topic, 0, 0);
            world.commit(world.here, group, topic, 1, 0);
        }
        roundsPass();
        assertThat(shown()).containsExactly("a/orders/0", "a/orders/1", "b/orders/0");
        assertThat(leftOut()).isEqualTo(3);

        world.here.propose(new Command.GroupDeleted("a"));
        roundsPass();

        assertThat(shown()).containsExactly("b/orders/0", "b/orders/1", "c/orders/0");
        assertThat(leftOut()).isEqualTo(1);
    }

    @Test
    void eachGroupIsShownByTheNodeThatCoordinatesItOrWould() {
        world.commit(world.here, "mine", topic, 0, 0);
        world.join("mine", "m", topic, 0);
        for (int i = 0; i < 50; i++) {
            world.commit(world.here, "idle" + i, topic, 0, 0);
        }
        members =
                List.of(
                        members.getFirst(),
                        member("other", world.elsewhere.metadata().incarnation()));
        survey(1000);
        roundsPass();

        Coordinators coordinators = new Coordinators(world.here.metadata(), () -> members);
        Set<String> ours = new TreeSet<>();
        for (String group : world.here.metadata().groups().ids()) {
            if (coordinators.of(group).orElseThrow().node().equals("here")) {
                ours.add(group + "/orders/0");
            }
        }
        assertThat(shown()).isEqualTo(ours).contains("mine/orders/0").hasSizeBetween(5, 45);
    }

    @Test
    void surveyCoversMoreGroupsThanOneBatch() {
        int groups = 2 * LagSurvey.BATCH_SIZE + 1;
        for (int i = 0; i < groups; i++) {
            world.commit(world.here, "g" + i, topic, 0, 0);
        }
        survey(10_000);
        roundsPass();

        assertThat(shown()).hasSize(groups);
    }

    @Test
    void surveyIsDisabledByZeroPartitions() {
        survey(0);
        world.commit(world.here, "g", topic, 0, 0);
        roundsPass();

        assertThat(shown()).isEmpty();
        assertThat(leftOut()).isZero();
    }
}
