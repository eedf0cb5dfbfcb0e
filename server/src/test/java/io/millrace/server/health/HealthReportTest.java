package io.millrace.server.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.health.HealthFacts.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthReportTest {

    private static final HealthFacts WELL = HealthFacts.of(Phase.SERVING);

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static HealthFacts loop(Duration silence) {
        return new HealthFacts(
                Phase.SERVING,
                silence,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Optional.empty());
    }

    private static HealthFacts metadata(Duration age) {
        return new HealthFacts(
                Phase.SERVING, Duration.ZERO, age, Duration.ZERO, Duration.ZERO, Optional.empty());
    }

    private static HealthFacts bucket(Duration reads, Duration writes) {
        return new HealthFacts(
                Phase.SERVING, Duration.ZERO, Duration.ZERO, reads, writes, Optional.empty());
    }

    @Test
    void aNodeIsReadyBetweenItsStartAndItsStop() {
        assertThat(HealthReport.ready(HealthFacts.of(Phase.STARTING)).reasons())
                .containsOnlyKeys("state");
        assertThat(HealthReport.ready(WELL).isUp()).isTrue();
        assertThat(HealthReport.ready(HealthFacts.of(Phase.STOPPING)).reasons())
                .containsOnlyKeys("state");
    }

    @Test
    void aStartIsCompleteUntilTheEndOfTheProcess() {
        assertThat(HealthReport.started(HealthFacts.of(Phase.STARTING)).isUp()).isFalse();
        assertThat(HealthReport.started(WELL).isUp()).isTrue();
        assertThat(HealthReport.started(HealthFacts.of(Phase.STOPPING)).isUp()).isTrue();
    }

    @Test
    void aStuckLoopMakesANodeUnreadyAndLaterEndsTheProcess() {
        assertThat(HealthReport.ready(loop(seconds(3))).isUp()).isTrue();
        assertThat(HealthReport.ready(loop(seconds(4))).reasons()).containsOnlyKeys("event-loop");
        assertThat(HealthReport.live(loop(seconds(30))).isUp()).isTrue();
        assertThat(HealthReport.live(loop(seconds(31))).reasons()).containsOnlyKeys("event-loop");
    }

    @Test
    void aShortOutageOfEtcdOrTheBucketLeavesTheNodeReady() {
        assertThat(HealthReport.ready(metadata(seconds(60))).isUp()).isTrue();
        assertThat(HealthReport.ready(bucket(seconds(60), seconds(60))).isUp()).isTrue();
    }

    @Test
    void aLongOutageIsNamedWithItsLength() {
        assertThat(HealthReport.ready(metadata(seconds(61))).reasons())
                .hasEntrySatisfying(
                        "metadata", why -> assertThat(why).contains("61 s", "millrace.etcd"));
        assertThat(HealthReport.ready(bucket(seconds(61), seconds(0))).reasons())
                .containsOnlyKeys("bucket-reads");
        assertThat(HealthReport.ready(bucket(seconds(0), seconds(61))).reasons())
                .containsOnlyKeys("bucket-writes");
    }

    @Test
    void anOutageOrAStopNeverEndsTheProcess() {
        assertThat(HealthReport.live(metadata(seconds(9999))).isUp()).isTrue();
        assertThat(HealthReport.live(bucket(seconds(9999), seconds(9999))).isUp()).isTrue();
        assertThat(HealthReport.live(HealthFacts.of(Phase.STARTING)).isUp()).isTrue();
        assertThat(HealthReport.live(HealthFacts.of(Phase.STOPPING)).isUp()).isTrue();
    }

    @Test
    void aDisputeBetweenTheNodesIsNamed() {
        HealthFacts disputed =
                new HealthFacts(
                        Phase.SERVING,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ZERO,
                        Optional.of("digests 1 and 2"));

        assertThat(HealthReport.ready(disputed).reasons())
                .containsExactly(Map.entry("dispute", "digests 1 and 2"));
    }
}
