package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Extent;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ExtentTest {

    private final StateDriver driver = new StateDriver();
    private final Topic topic = driver.createTopic("orders", 2);

    private BatchItem batch(int partition, int records, long position, int length, long timeMs) {
        return new BatchItem(
                topic.id(), partition, records, position, length, timeMs, ProducerStamp.NONE);
    }

    @Test
    void neighboursInOneObjectAreOneExtent() {
        driver.commit(0, batch(0, 2, 0, 100, 9), batch(0, 3, 100, 50, 4));

        List<Extent> extents = driver.partition(topic, 0).extents(0, 1_000);

        assertThat(extents).hasSize(1);
        assertThat(extents.getFirst().offsetCount()).isEqualTo(5);
        assertThat(extents.getFirst().length()).isEqualTo(150);
        assertThat(extents.getFirst().maxTimestampMs()).isEqualTo(9);
    }

    @Test
    void batchesWithAGapBetweenThemOrInTwoObjectsAreTwoExtents() {
        driver.commit(0, batch(0, 2, 0, 100, 9), batch(0, 3, 101, 50, 4));
        driver.commit(0, batch(0, 1, 151, 50, 4));

        assertThat(driver.partition(topic, 0).extents(0, 1_000))
                .extracting(Extent::baseOffset)
                .containsExactly(0L, 2L, 5L);
    }

    @Test
    void extentsBeginWithTheOneThatHoldsTheOffsetAndEndAtTheBytesAsked() {
        for (int i = 0; i < 5; i++) {
            driver.commit(0, batch(0, 10, 0, 100, i));
        }

        assertThat(driver.partition(topic, 0).extents(19, 150))
                .extracting(Extent::baseOffset)
                .containsExactly(10L, 20L);
        assertThat(driver.partition(topic, 0).extents(50, 150)).isEmpty();
    }

    @Test
    void theExtentAtATimeIsTheFirstThatReachesItHoweverTimesJump() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            StateDriver run = new StateDriver();
            Topic ofRun = run.createTopic("times", 1);
            List<Long> timesMs = new ArrayList<>();
            int count = 1 + random.nextInt(300);
            for (int i = 0; i < count; i++) {
                long timeMs = i + random.nextInt(40);
                timesMs.add(timeMs);
                run.commit(0, new BatchItem(ofRun.id(), 0, 1, 0, 9, timeMs, ProducerStamp.NONE));
            }
            for (long timeMs = 0; timeMs < count + 45; timeMs++) {
                long wanted = timeMs;
                Optional<Long> expected =
                        timesMs.stream()
                                .filter(candidate -> candidate >= wanted)
                                .findFirst()
                                .map(candidate -> (long) timesMs.indexOf(candidate));
                assertThat(run.partition(ofRun, 0).extentAtTime(timeMs).map(Extent::baseOffset))
                        .as("seed %d, time %d", seed, timeMs)
                        .isEqualTo(expected);
            }
            run.restart();
            assertThat(run.partition(ofRun, 0).extentAtTime(count + 40)).isEmpty();
        }
    }

    @Test
    void aBatchPastTheLargestPositionIsRejected() {
        for (long position : new long[] {1L << 32, Long.MAX_VALUE - 50, Long.MAX_VALUE}) {
            BatchItem item = new BatchItem(topic.id(), 0, 1, position, 100, 0, ProducerStamp.NONE);

            assertThat(driver.commit(0, item))
                    .containsExactly(new Outcome.ItemOutcome.Rejected(Reason.MALFORMED_BATCH));
        }
    }

    @Test
    void aMergeToAPositionPastTheEndOfItsObjectIsRejected() {
        driver.commit(0, batch(0, 2, 0, 100, 9));
        ObjectId block = driver.partition(topic, 0).extents(0, 1).getFirst().object().id();
        ObjectRef segment = new ObjectRef(new ObjectId(ObjectId.Kind.SEGMENT, 7, 0), 1_000, 1_100);
        Replacement row =
                new Replacement(
                        topic.id(),
                        0,
                        List.of(new Replacement.NewExtent(0, 2, Long.MAX_VALUE - 50, 100, 9)));

        assertThat(driver.apply(new Command.ExtentsReplaced(segment, List.of(block), List.of(row))))
                .isInstanceOf(Outcome.CommandRejected.class);
    }

    @Test
    void aDeletedTopicTakesItsExtentsAndObjectsWithIt() {
        driver.commit(0, batch(0, 1, 0, 100, 1), batch(1, 1, 100, 100, 1));

        driver.apply(new Command.TopicDeleted(topic.id()));

        assertThat(driver.state().partition(topic.id(), 0)).isEmpty();
        assertThat(driver.state().sizes().extents()).isZero();
        assertThat(driver.state().sizes().partitions()).isZero();
    }

    @Test
    void addedPartitionsAreEmptyAndTheOthersKeepTheirs() {
        driver.commit(0, batch(1, 4, 0, 100, 1));

        Outcome outcome = driver.apply(new Command.PartitionsAdded(topic.id(), 3));

        assertThat(((Outcome.TopicReady) outcome).topic().partitionCount()).isEqualTo(3);
        assertThat(driver.partition(topic, 1).highWatermark()).isEqualTo(4);
        assertThat(driver.partition(topic, 2).highWatermark()).isZero();
    }

    @Test
    void partitionsAreNeverRemoved() {
        assertThat(driver.apply(new Command.PartitionsAdded(topic.id(), 1)))
                .isInstanceOf(Outcome.CommandRejected.class);
    }
}
