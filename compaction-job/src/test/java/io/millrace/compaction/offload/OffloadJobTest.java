package io.millrace.compaction.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ObjectsView.ObjectCount;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of offloading, and of the reclaim of unreachable ranges. */
class OffloadJobTest {

    private final OffloadWorld world = new OffloadWorld();

    @Test
    void eachPartitionKeepsItsShareOfWhatMayBeInMemory() {
        Topic topic = world.fixture.createTopic("orders", 2);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED);
        world.segment(topic, 1, 5, OffloadWorld.SETTLED);
        world.write(topic, 0);
        world.start(30, 8, 100);

        world.roundPasses();

        assertThat(world.log(topic, 0).extentsInMemory()).isBetween(7, 15);
        assertThat(world.log(topic, 1).extentsInMemory()).isEqualTo(5);
        assertThat(world.inMemory()).isLessThanOrEqualTo(30);
        assertThat(world.manifests()).hasSize(1);
        assertThat(world.counted("millrace.offload.extents")).isEqualTo(46 - world.inMemory());
    }

    @Test
    void aManifestIsNoLargerThanItMayBe() {
        Topic topic = world.fixture.createTopic("orders", 4);
        for (int partition = 0; partition < 4; partition++) {
            world.segment(topic, partition, 40, OffloadWorld.SETTLED);
        }
        world.start(0, 4, 8);

        world.roundPasses();
        assertThat(world.manifests()).hasSize(4);
        assertThat(world.inMemory()).isEqualTo(4 * 32);
        for (int i = 0; i < 5; i++) {
            world.roundPasses();
        }

        assertThat(world.inMemory()).isLessThan(4 * 5);
        assertThat(world.counted("millrace.offload.superseded")).isZero();
    }

    @Test
    void joinedRangesCountForTheManifestSize() {
        Topic topic = world.fixture.createTopic("orders", 6, OffloadWorld.FOREVER);
        world.start(0, 100, 60);
        for (int i = 0; i < 2; i++) {
            for (int partition = 0; partition < 6; partition++) {
                world.segment(topic, partition, 20, OffloadWorld.SETTLED);
            }
            world.roundPasses();
            world.roundPasses();
        }

        assertThat(world.manifests())
                .as("first 4 ranges of 19 extents and 2 such, then 3 times 2 ranges of 39")
                .hasSize(2 + 3);
    }

    @Test
    void joinedRangesAreReadInGroups() {
        int partitions = 3 * ExtentOffloader.CONCURRENT_READS + 1;
        Topic topic = world.fixture.createTopic("orders", partitions, OffloadWorld.FOREVER);
        world.start(0, 100, 10_000);
        CallsAtOnce calls = new CallsAtOnce();
        world.bucket.byDefault(calls);
        for (int i = 0; i < 2; i++) {
            for (int partition = 0; partition < partitions; partition++) {
                world.segment(topic, partition, 20, OffloadWorld.SETTLED);
            }
            world.roundPasses();
            world.roundPasses();
        }

        assertThat(calls.max).isEqualTo(ExtentOffloader.CONCURRENT_READS);
        for (int partition = 0; partition < partitions; partition++) {
            PartitionLog log = world.log(topic, partition);
            assertThat(log.offloadedRangeAt(0)).isEqualTo(log.lastOffloadedRange());
            assertThat(log.offloadedRangeAt(0).orElseThrow().extents()).isEqualTo(39);
        }
    }

    /** Delays every call and counts concurrent ones. */
    private final class CallsAtOnce implements Fault {

        private int now;
        private int max;

        @Override
        public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
            max = Math.max(max, ++now);
            return Fault.late(world.loop, Duration.ofMillis(10))
                    .in(call)
                    .whenComplete((done, failure) -> now--);
        }
    }

    @ParameterizedTest
    @CsvSource({"retention.ms,604800000", "retention.bytes,100000000"})
    void whereRecordsGoInTimeNoRowHoldsManyOfThemUp(String key, String value) {
        Map<String, String> settings = new HashMap<>(OffloadWorld.FOREVER);
        settings.put(key, value);
        Topic topic = world.fixture.createTopic("orders", 1, settings);
        world.start(0, 1_000, 10_000);
        for (int i = 0; i < 40; i++) {
            world.segment(topic, 0, 20, OffloadWorld.SETTLED);
            world.roundPasses();
        }

        PartitionLog log = world.log(topic, 0);
        assertThat(log.extentsInMemory()).isLessThan(40);
        assertThat(log.totalExtents()).isEqualTo(800);
        int rows = 0;
        long offset = 0;
        while (log.offloadedRangeAt(offset).isPresent()) {
            OffloadedRange row = log.offloadedRangeAt(offset).orElseThrow();
            assertThat(row.extents()).isLessThanOrEqualTo(800 / OffloadPlan.RANGE_DIVISOR);
            offset = row.endOffset();
            rows++;
        }
        assertThat(rows).as("few ranges").isBetween(8, 32);
    }

    @Test
    void rowsGetLargerAndNotMoreAsLongAsTheyAreSmall() {
        Topic topic = world.fixture.createTopic("orders", 1, OffloadWorld.FOREVER);
        world.start(0, 100, 1_000);
        for (int i = 0; i < 8; i++) {
            world.segment(topic, 0, 20, OffloadWorld.SETTLED);
            world.roundPasses();
        }

        PartitionLog log = world.log(topic, 0);
        assertThat(log.offloadedRangeAt(0).orElseThrow().extents()).isBetween(80, 100);
        assertThat(log.lastOffloadedRange().orElseThrow().baseOffset())
                .isEqualTo(log.offloadedRangeAt(0).orElseThrow().endOffset());
        assertThat(
                        world.fixture.metadata().objects().referencedObjects().stream()
                                .filter(object ->
                                        object.object().id().kind() == ObjectId.Kind.MANIFEST))
                .as("manifests of offloaded ranges")
                .hasSize(2);
        assertThat(world.counted("millrace.offload.superseded")).isZero();
    }

    @Test
    void aRowThatCannotBeReadIsLeftAsItIs() {
        Topic topic = world.fixture.createTopic("orders", 1, OffloadWorld.FOREVER);
        world.start(0, 100, 1_000);
        world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        world.roundPasses();
        OffloadedRange damaged = world.log(topic, 0).offloadedRangeAt(0).orElseThrow();
        world.objects.flipBit(world.manifests().getFirst(), 100);
        world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        world.roundPasses();

        assertThat(world.log(topic, 0).offloadedRangeAt(0)).contains(damaged);
        assertThat(world.inMemory()).isLessThan(5);
        assertThat(world.counted("millrace.offload.failures")).isZero();
    }

    @Test
    void nothingLeavesMemoryWhereThereIsRoom() {
        Topic topic = world.fixture.createTopic("orders", 1);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED);
        world.start(40, 8, 100);

        world.roundPasses();

        assertThat(world.manifests()).isEmpty();
    }

    @Test
    void whatWillBeMergedStays() {
        Topic topic = world.fixture.createTopic("orders", 2);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED / 2);
        for (int i = 0; i < 40; i++) {
            world.write(topic, 1);
        }
        world.start(0, 8, 100);

        world.roundPasses();

        assertThat(world.manifests()).isEmpty();
    }

    @Test
    void compactedTopicsStayInMemoryOrAreReloaded() {
        Topic topic = world.fixture.createTopic("orders", 1);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED);
        world.start(0, 8, 100);
        world.roundPasses();
        assertThat(world.inMemory()).isLessThan(10);

        compact(topic);
        world.roundPasses();

        assertThat(world.inMemory()).isEqualTo(40);
        assertThat(world.log(topic, 0).lastOffloadedRange()).isEmpty();
        assertThat(world.fixture.metadata().objects().referencedObjects()).hasSize(1);
    }

    private void compact(Topic topic) {
        world.fixture.propose(
                new Command.TopicConfigured(
                        topic.id(), Map.of("cleanup.policy", "compact"), Set.of()));
    }

    @Test
    void compactedPartitionsAreReloadedAsRoomPermits() {
        Topic large = world.fixture.createTopic("a", 2);
        Topic small = world.fixture.createTopic("b", 1);
        world.segment(large, 0, 100, OffloadWorld.SETTLED);
        world.segment(large, 1, 40, OffloadWorld.SETTLED);
        world.segment(small, 0, 30, OffloadWorld.SETTLED);
        world.maxReloaded = 120;
        world.start(0, 8, 1_000);
        world.roundPasses();
        long stay = world.inMemory();
        assertThat(stay).isLessThan(20);
        compact(small);
        compact(large);
        world.roundPasses();

        assertThat(world.log(large, 1).lastOffloadedRange()).isEmpty();
        assertThat(world.log(small, 0).lastOffloadedRange()).isEmpty();
        assertThat(world.inMemory() + withoutRoom()).isEqualTo(100 + 40 + 30);
        assertThat(withoutRoom()).isGreaterThan(100 - stay);

        world.trim(large, 1, 400);
        world.trim(small, 0, 300);
        world.roundPasses();

        assertThat(world.inMemory()).isEqualTo(100);
        assertThat(withoutRoom()).isZero();
    }

    @Test
    void newExtentsOfAPartitionWithoutRoomAreOffloadedToo() {
        Topic topic = world.fixture.createTopic("orders", 2, OffloadWorld.FOREVER);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED);
        world.maxReloaded = 100;
        world.start(0, 8, 1_000);
        world.roundPasses();
        for (int i = 0; i < 100; i++) {
            world.write(topic, 1);
        }
        compact(topic);
        for (int i = 0; i < 10; i++) {
            world.segment(topic, 0, 40, OffloadWorld.SETTLED);
            world.roundPasses();
        }

        assertThat(world.log(topic, 0).extentsInMemory()).isLessThan(40);
        assertThat(world.log(topic, 0).totalExtents()).isEqualTo(11 * 40);
        assertThat(world.log(topic, 1).extentsInMemory())
                .as("in memory as a whole, and so can be compacted")
                .isEqualTo(100);

        world.trim(topic, 1, 1_000);
        world.trim(topic, 0, 10 * 400);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED);
        double left = world.counted("millrace.offload.extents");
        world.roundPasses();
        world.roundPasses();

        assertThat(world.log(topic, 0).extentsInMemory()).isEqualTo(80);
        assertThat(world.log(topic, 0).lastOffloadedRange()).isEmpty();
        assertThat(world.counted("millrace.offload.extents"))
                .as("awaiting a reload")
                .isEqualTo(left);
    }

    private double withoutRoom() {
        return world.meters.get("millrace.offload.reload.deferred").gauge().value();
    }

    private Map<Long, Long> objectCounts(Topic... topics) {
        ObjectCount count = world.fixture.metadata().objects().countObjects();
        for (Topic topic : topics) {
            for (int partition = 0; partition < topic.partitionCount(); partition++) {
                count.add(topic.id(), partition);
            }
        }
        return count.byTopic();
    }

    @Test
    void anObjectWhoseExtentsAllLeftMemoryCountsForTheTopicItBeganWith() {
        Topic first = world.fixture.createTopic("orders", 5);
        Topic second = world.fixture.createTopic("logs", 5);
        ObjectId shared = world.shared(List.of(first, second), 10);
        Map<Long, Long> before = objectCounts(first, second);
        for (int partition = 0; partition < 5; partition++) {
            world.segment(first, partition, 20, OffloadWorld.SETTLED);
            world.segment(second, partition, 20, OffloadWorld.SETTLED);
        }
        world.start(0, 100, 1_000);
        world.roundPasses();

        assertThat(before).isEqualTo(Map.of(first.id(), 1L, second.id(), 1L));
        assertThat(world.offloadedOf(shared)).isEqualTo(2 * 5 * 10);
        assertThat(objectCounts(first, second)).isEqualTo(Map.of(first.id(), 6L, second.id(), 5L));
    }

    @Test
    void unreachableRangesAreReclaimedWithTheirObjects() {
        Topic topic = world.fixture.createTopic("orders", 1);
        ObjectId first = world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        ObjectId second = world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        world.write(topic, 0);
        world.start(0, 10, 100);
        world.roundPasses();
        world.fixture.propose(
                new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, 205))));
        assertThat(world.fixture.metadata().objects().referencedAmong(Set.of(first)))
                .containsExactly(first);

        world.roundPasses();

        assertThat(world.fixture.metadata().objects().referencedAmong(Set.of(first, second)))
                .containsExactly(second);

        world.fixture.propose(new Command.TopicDeleted(topic.id()));
        world.roundPasses();

        assertThat(world.fixture.metadata().objects().referencedObjects()).isEmpty();
        assertThat(world.counted("millrace.offload.reloaded")).isEqualTo(4);
    }

    @Test
    void aManifestThatIsGoneIsNamedAndTheRestGoesOn() {
        Topic topic = world.fixture.createTopic("orders", 1, OffloadWorld.FOREVER);
        ObjectId first = world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        ObjectId second = world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        world.write(topic, 0);
        world.start(0, 20, 20);
        world.roundPasses();
        ObjectKey lost = world.manifests().getFirst();
        world.roundPasses();
        assertThat(world.manifests()).hasSize(2);
        world.objects.delete(List.of(lost)).join();
        world.fixture.propose(new Command.TopicDeleted(topic.id()));

        world.roundPasses();
        world.roundPasses();

        assertThat(world.fixture.metadata().objects().referencedAmong(Set.of(first, second)))
                .hasSize(1);
        assertThat(world.counted("millrace.offload.damaged")).isEqualTo(1);
        assertThat(world.counted("millrace.offload.failures")).isZero();
    }

    @Test
    void aDamagedManifestGivesNothingBack() {
        Topic topic = world.fixture.createTopic("orders", 1);
        world.segment(topic, 0, 20, OffloadWorld.SETTLED);
        world.start(0, 20, 100);
        world.roundPasses();
        world.objects.flipBit(world.manifests().getFirst(), 40);
        world.fixture.propose(new Command.TopicDeleted(topic.id()));

        world.roundPasses();
        world.roundPasses();

        assertThat(world.fixture.metadata().objects().referencedObjects()).hasSize(2);
        assertThat(world.counted("millrace.offload.damaged")).isEqualTo(1);
    }

    @Test
    void aBucketThatIsAwayCostsARound() {
        Topic topic = world.fixture.createTopic("orders", 1);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED);
        world.start(0, 20, 100);
        world.bucket.byDefault(Fault.failing(new ObjectStoreException.Unavailable("away", null)));
        world.roundPasses();
        assertThat(world.inMemory()).isEqualTo(40);
        assertThat(world.counted("millrace.offload.failures")).isEqualTo(1);

        world.bucket.byDefault(Fault.none());
        world.roundPasses();

        assertThat(world.inMemory()).isLessThan(25);
    }

    @Test
    void aNodeThatIsNotResponsibleOffloadsNothing() {
        Topic topic = world.fixture.createTopic("orders", 1);
        world.dutiful = false;
        world.start(0, 8, 100);
        world.segment(topic, 0, 40, OffloadWorld.SETTLED);
        world.roundPasses();
        world.roundPasses();

        assertThat(world.manifests()).isEmpty();
        assertThat(world.counted("millrace.offload.failures")).isZero();
    }

    @Test
    void extentsPassedOverByMergesAreOffloaded() {
        Topic topic = world.fixture.createTopic("orders", 1);
        world.write(topic, 0);
        world.segment(topic, 0, 10, OffloadWorld.SETTLED / 2);
        world.segment(topic, 0, 60, OffloadWorld.SETTLED);
        world.start(20, 10, 100);
        world.roundPasses();
        assertThat(world.manifests()).as("merges may still select it").isEmpty();

        world.segment(topic, 0, 4, OffloadWorld.SETTLED);
        world.roundPasses();

        assertThat(world.log(topic, 0).offloadedRangeAt(0)).isPresent();
        assertThat(world.inMemory()).isLessThan(25);
    }
}
