package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.TestMember;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Tests of members while their coordinator cannot reach the log, or does not know whether it is
 * still live.
 */
final class CoordinatorOutageTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void possiblyFencedNodeNeitherAcknowledgesNorExpiresMembers() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        int generation = world.group().generation();
        world.first().isLive = false;
        world.advance(Duration.ofMillis(200));
        first.heartbeat();
        long answered = first.answered;
        world.advance(CoordinatorWorld.SESSION.multipliedBy(3));

        assertThat(first.answered).isEqualTo(answered);
        world.first().isLive = true;
        world.advance(Duration.ofMillis(200));

        assertThat(first.answered).isGreaterThan(answered);
        assertThat(second.owned).hasSize(3);
        assertThat(world.group().generation()).isEqualTo(generation);
    }

    @Test
    void logOutageDelaysChangesWithoutLosingMembers() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        world.first().metadata.log().setAppendDuration(Duration.ofSeconds(25));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofSeconds(24));
        assertThat(first.owned).hasSize(6);
        assertThat(second.joins).isZero();

        world.first().metadata.log().setAppendDuration(Duration.ZERO);
        world.advance(Duration.ofSeconds(60));

        assertThat(first.owned).hasSize(3);
        assertThat(second.owned).hasSize(3);
    }

    @Test
    void failedOrUnknownChangeIsRetried() {
        Problem away = new Problem(Reason.METADATA_UNAVAILABLE, "away");
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        world.first().faults.next(FaultyMetadata.Fault.replacedBy(new Proposal.NotApplied(away)));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        assertThat(second.joins).isZero();
        world.advance(Duration.ofSeconds(1));
        assertThat(second.owned).hasSize(3);

        world.first().faults.next(FaultyMetadata.Fault.losingTheResult(away));
        TestMember third = world.join(CoordinatorWorld.subscribedTo("t"));
        world.advance(Duration.ofSeconds(1));

        CoordinatorWorld.assertOwned(topic, first, second, third);
        assertThat(third.owned).hasSize(2);
    }

    @Test
    void memberAdmittedAfterItsSessionEndedIsRemoved() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        world.first().metadata.log().setAppendDuration(Duration.ofSeconds(40));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("t"));
        // The answer times out after 30 s, and the change is not retried yet.
        world.advance(Duration.ofMillis(30_100));
        second.vanish();
        world.first().metadata.log().setAppendDuration(Duration.ZERO);
        world.advance(Duration.ofSeconds(11));
        assertThat(world.group().members()).hasSize(2);

        world.advance(
                CoordinatorWorld.SESSION.plus(CoordinatorWorld.LIFE).plus(Duration.ofSeconds(1)));

        assertThat(world.group().members()).hasSize(1);
        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }
}
