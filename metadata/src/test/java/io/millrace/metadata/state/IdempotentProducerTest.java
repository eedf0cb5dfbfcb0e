package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import org.junit.jupiter.api.Test;

final class IdempotentProducerTest {

    private static final ItemOutcome OUT_OF_ORDER =
            new ItemOutcome.Rejected(Reason.OUT_OF_ORDER_SEQUENCE);

    private final StateDriver driver = new StateDriver();
    private final Topic topic = driver.createTopic("orders", 2);
    private final long producer = driver.allocateProducer();

    private ItemOutcome write(int epoch, int sequence, int records) {
        return driver.write(topic, producer, epoch, sequence, records);
    }

    @Test
    void theFirstSequenceMustBeZero() {
        assertThat(write(0, 1, 1)).isEqualTo(OUT_OF_ORDER);
        assertThat(write(0, 0, 1)).isEqualTo(new ItemOutcome.Appended(0));
    }

    @Test
    void aBatchThatFollowsIsAppended() {
        write(0, 0, 3);

        assertThat(write(0, 3, 2)).isEqualTo(new ItemOutcome.Appended(3));
    }

    @Test
    void aGapIsRejectedAndChangesNothing() {
        write(0, 0, 3);

        assertThat(write(0, 4, 1)).isEqualTo(OUT_OF_ORDER);
        assertThat(driver.partition(topic, 0).highWatermark()).isEqualTo(3);
        assertThat(write(0, 3, 1)).isEqualTo(new ItemOutcome.Appended(3));
    }

    @Test
    void eachOfTheLastFiveBatchesIsAnsweredWithItsOffsetAndTimeWhenRepeated() {
        for (int i = 0; i < 6; i++) {
            write(0, i * 2, 2);
        }

        for (int i = 1; i < 6; i++) {
            assertThat(write(0, i * 2, 2)).isEqualTo(new ItemOutcome.Duplicate(i * 2, 5_000));
        }
        assertThat(driver.partition(topic, 0).highWatermark()).isEqualTo(12);
    }

    @Test
    void aBatchOlderThanTheLastFiveIsAnOldDuplicate() {
        for (int i = 0; i < 6; i++) {
            write(0, i * 2, 2);
        }

        assertThat(write(0, 0, 2)).isEqualTo(new ItemOutcome.OldDuplicate());
    }

    @Test
    void aRepeatOfOtherLengthIsOutOfOrder() {
        write(0, 0, 3);

        assertThat(write(0, 0, 2)).isEqualTo(OUT_OF_ORDER);
    }

    @Test
    void aNewerEpochStartsAtZeroAndFencesTheOneBefore() {
        write(0, 0, 3);

        assertThat(write(1, 3, 1)).isEqualTo(OUT_OF_ORDER);
        assertThat(write(1, 0, 1)).isEqualTo(new ItemOutcome.Appended(3));
        assertThat(write(0, 3, 1)).isEqualTo(new ItemOutcome.Rejected(Reason.PRODUCER_FENCED));
        assertThat(write(1, 0, 1)).isEqualTo(new ItemOutcome.Duplicate(3, 5_000));
    }

    @Test
    void sequencesWrapToZeroAfterTheLargestInt() {
        write(0, 0, Integer.MAX_VALUE);

        assertThat(write(0, Integer.MAX_VALUE, 3))
                .isEqualTo(new ItemOutcome.Appended(Integer.MAX_VALUE));
        assertThat(write(0, 2, 1)).isEqualTo(new ItemOutcome.Appended(Integer.MAX_VALUE + 3L));
        assertThat(write(0, Integer.MAX_VALUE, 3))
                .isEqualTo(new ItemOutcome.Duplicate(Integer.MAX_VALUE, 5_000));
    }

    @Test
    void aProducerIdThatWasNeverHandedOutIsUnknown() {
        assertThat(driver.write(topic, producer + 1, 0, 0, 1))
                .isEqualTo(new ItemOutcome.Rejected(Reason.UNKNOWN_PRODUCER));
    }

    @Test
    void idsOfAGenerationAreAboveThoseOfEarlierGenerations() {
        driver.apply(new Command.ProducerIdsAllocated(1_000, 2));
        Outcome restored = driver.apply(new Command.ProducerIdsAllocated(1, 3));
        Outcome next = driver.apply(new Command.ProducerIdsAllocated(1, 3));

        assertThat(restored).isEqualTo(new Outcome.ProducerIds(2L << 40, 1));
        assertThat(next).isEqualTo(new Outcome.ProducerIds((2L << 40) + 1, 1));
    }

    @Test
    void anIdThatNoBatchMayCarryIsNeverAllocated() {
        long last = Command.ProducerIdsAllocated.MAX_GENERATION;
        for (int i = 0; i < 512; i++) {
            driver.apply(new Command.ProducerIdsAllocated(Integer.MAX_VALUE, last));
        }
        assertThat(driver.apply(new Command.ProducerIdsAllocated(512, last)))
                .isEqualTo(new Outcome.ProducerIds((1L << 62) - 512, 512));
        assertThat(driver.apply(new Command.ProducerIdsAllocated(1, last)))
                .isInstanceOf(Outcome.CommandRejected.class);
    }

    @Test
    void sequencesArePerPartition() {
        write(0, 0, 3);

        assertThat(driver.write(topic, 1, new ProducerStamp(producer, (short) 0, 0), 1))
                .isEqualTo(new ItemOutcome.Appended(0));
    }

    @Test
    void onlyThoseUnchangedSinceTheEntryExpire() {
        long kept = driver.allocateProducer();
        write(0, 0, 1);
        long expired = driver.state().entries();
        driver.write(topic, kept, 0, 0, 1);

        driver.apply(new Command.ProducersExpired(expired));
        driver.restart();

        assertThat(write(0, 1, 1)).isEqualTo(new ItemOutcome.Rejected(Reason.UNKNOWN_PRODUCER));
        assertThat(driver.write(topic, kept, 0, 1, 1)).isEqualTo(new ItemOutcome.Appended(2));
        assertThat(driver.state().sizes().producers()).isEqualTo(1);
    }

    @Test
    void anExpiryDeletesALimitedNumberAndARepetitionTheRest() {
        int pairs = 60_000;
        long first = driver.allocateProducers(pairs);
        for (int i = 0; i < pairs; i++) {
            driver.write(topic, first + i, 0, 0, 1);
        }
        long last = driver.state().entries();

        driver.apply(new Command.ProducersExpired(last));
        assertThat(driver.state().sizes().producers()).isEqualTo(10_000);
        assertThat(driver.state().oldestProducerChange()).isLessThanOrEqualTo(last);
        driver.apply(new Command.ProducersExpired(last));
        assertThat(driver.state().sizes().producers()).isZero();
        assertThat(driver.state().oldestProducerChange()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aSnapshotIsUnaffectedByLaterChanges() {
        for (int sequence = 0; sequence < 1_000; sequence++) {
            driver.write(topic, driver.allocateProducer(), 0, 0, 1);
        }
        write(0, 0, 1);
        StateSnapshot snapshot = driver.state().snapshot();
        byte[] before = CheckpointCodec.encode(snapshot);
        write(0, 1, 1);
        driver.apply(new Command.ProducersExpired(driver.state().entries() - 1));
        driver.write(topic, driver.allocateProducer(), 0, 0, 1);

        assertThat(CheckpointCodec.encode(snapshot)).isEqualTo(before);
    }

    @Test
    void aProducerThatWasNeverForgottenIsOutOfOrder() {
        write(0, 0, 1);
        long later = driver.allocateProducer();
        driver.apply(new Command.ProducersExpired(driver.state().entries()));

        assertThat(driver.write(topic, later, 0, 1, 1)).isEqualTo(OUT_OF_ORDER);
    }

    @Test
    void theNumberOfRememberedProducersIsRaisedWithinItsMaximumAndSurvivesARestart() {
        driver.apply(new Command.ProducerCapacityRaised(600_000));
        assertThat(driver.apply(new Command.ProducerCapacityRaised(600_000)))
                .as("it is never lowered")
                .isInstanceOf(Outcome.CommandRejected.class);
        assertThat(driver.apply(new Command.ProducerCapacityRaised(20_000_001)))
                .isInstanceOf(Outcome.CommandRejected.class);
        driver.restart();

        assertThat(driver.state().sizes().producerCapacity()).isEqualTo(600_000);
    }

    @Test
    void aTopicOfTheSameNameInheritsNoSequences() {
        write(0, 0, 3);
        driver.apply(new Command.TopicDeleted(topic.id()));
        Topic again = driver.createTopic("orders", 2);

        assertThat(driver.state().sizes().producers()).isZero();
        assertThat(driver.write(again, producer, 0, 3, 1)).isEqualTo(OUT_OF_ORDER);
        assertThat(driver.write(again, producer, 0, 0, 1)).isEqualTo(new ItemOutcome.Appended(0));
    }
}
