package io.millrace.compaction.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests of the reload of sparse objects. */
class SparseObjectReloaderTest {

    private final OffloadWorld world = new OffloadWorld();

    @Test
    void offloadedExtentsOfASparseObjectAreReloadedWithLaterOnes() {
        Topic topic = world.fixture.createTopic("orders", 5, OffloadWorld.FOREVER);
        Topic other = world.fixture.createTopic("others", 5, OffloadWorld.FOREVER);
        ObjectId shared = world.shared(List.of(topic, other), 20);
        world.segment(topic, 0, 70, OffloadWorld.SETTLED);
        world.start(0, 10, 1_000);
        world.roundPasses();
        world.roundPasses();
        assertThat(world.offloadedOf(shared)).isEqualTo(20 + 9 * 10);

        world.trim(topic, 0, 100);
        world.roundPasses();
        world.roundPasses();
        assertThat(world.offloadedOf(shared)).as("more than half of it is alive").isEqualTo(100);

        world.fixture.propose(new Command.TopicDeleted(other.id()));
        world.roundPasses();
        world.roundPasses();
        assertThat(world.offloadedOf(shared))
                .as("the first partition is reloaded as a whole")
                .isEqualTo(40);
        assertThat(world.log(topic, 0).extentsInMemory()).as("with all later ranges").isEqualTo(80);

        world.loop.advance(Duration.ofMinutes(50));
        assertThat(world.offloadedOf(shared)).as("while a merge may select it").isEqualTo(40);
        world.loop.advance(Duration.ofMinutes(20));
        assertThat(world.offloadedOf(shared)).as("no merge selected it").isEqualTo(50);
        world.loop.advance(Duration.ofHours(20));
        assertThat(world.offloadedOf(shared)).as("it is not reloaded again soon").isEqualTo(50);
        world.loop.advance(Duration.ofHours(3));
        assertThat(world.offloadedOf(shared)).as("the reload is retried").isEqualTo(40);
    }

    @Test
    void extentsThatExpireSoonAreNotReloaded() {
        Map<String, String> retention = Map.of("retention.ms", "4000000");
        Topic topic = world.fixture.createTopic("orders", 3, retention);
        Topic other = world.fixture.createTopic("others", 7, retention);
        ObjectId shared = world.shared(List.of(topic, other), 20);
        world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        world.start(0, 10, 1_000);
        world.loop.advance(Duration.ofMillis(3_100_000));
        world.fixture.propose(new Command.TopicDeleted(other.id()));
        world.roundPasses();
        world.roundPasses();

        assertThat(world.offloadedOf(shared)).isPositive();
    }

    @Test
    void reloadsStayWithinTheBudgetOrOnePartition() {
        Topic topic = world.fixture.createTopic("orders", 4, OffloadWorld.FOREVER);
        Topic other = world.fixture.createTopic("others", 6, OffloadWorld.FOREVER);
        ObjectId shared = world.shared(List.of(topic, other), 20);
        for (int i = 0; i < 4; i++) {
            world.write(topic, i);
        }
        world.start(20, 20, 1_000);
        world.roundPasses();
        world.roundPasses();
        world.fixture.propose(new Command.TopicDeleted(other.id()));
        for (int i = 0; i < 5; i++) {
            world.roundPasses();
        }

        assertThat(world.offloadedOf(shared)).isEqualTo(3 * 20);
    }

    @Test
    void extentsFarFromTheEndAreNotReloaded() {
        Topic topic = world.fixture.createTopic("orders", 2, OffloadWorld.FOREVER);
        Topic other = world.fixture.createTopic("others", 8, OffloadWorld.FOREVER);
        ObjectId shared = world.shared(List.of(topic, other), 20);
        for (int i = 0; i < 5; i++) {
            world.segment(topic, 0, 1_000, OffloadWorld.SETTLED);
        }
        world.segment(topic, 1, 1_000, OffloadWorld.SETTLED);
        world.start(0, 1_000, 1_000);
        for (int i = 0; i < 5; i++) {
            world.roundPasses();
        }
        assertThat(world.offloadedOf(shared)).isEqualTo(2 * 20 + 8 * 19);

        world.fixture.propose(new Command.TopicDeleted(other.id()));
        for (int i = 0; i < 5; i++) {
            world.roundPasses();
        }

        assertThat(world.log(topic, 0).extentsInMemory()).isOne();
        assertThat(world.log(topic, 1).extentsInMemory()).isEqualTo(1_020);
        assertThat(world.offloadedOf(shared)).isEqualTo(20);
    }

    @Test
    void aSparseObjectThatIsGoneOrDamagedHoldsUpNothing() {
        Topic topic = world.fixture.createTopic("orders", 4, OffloadWorld.FOREVER);
        Topic other = world.fixture.createTopic("others", 6, OffloadWorld.FOREVER);
        ObjectId lost = world.shared(List.of(topic, other), 20);
        ObjectId damaged = world.shared(List.of(topic, other), 20);
        ObjectId sound = world.shared(List.of(topic, other), 20);
        for (int i = 0; i < 4; i++) {
            world.write(topic, i);
        }
        world.start(0, 20, 1_000);
        world.roundPasses();
        world.roundPasses();
        world.objects.delete(List.of(lost.key("c"))).join();
        world.objects.flipBit(damaged.key("c"), OffloadWorld.SETTLED + 20);
        world.fixture.propose(new Command.TopicDeleted(other.id()));
        for (int i = 0; i < 9; i++) {
            world.roundPasses();
        }

        assertThat(world.offloadedOf(sound)).isLessThan(80);
        assertThat(world.counted("millrace.offload.failures")).isZero();
        assertThat(world.counted("millrace.offload.damaged")).as("both are reported").isEqualTo(2);
    }
}
