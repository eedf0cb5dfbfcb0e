package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.producer.SequencedPartitionHarness.Fate;
import io.millrace.protocol.error.Reason;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequencedPartitionTest {

    private static final int LARGE = 1 << 20;

    private final SequencedPartitionHarness world = new SequencedPartitionHarness(true, 5, LARGE);
    private final SequencedPartition sequenced = world.sequenced;

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void itNeedsAProducerIdBeforeItsFirstBatch() {
        assertThat(sequenced.next()).isEqualTo(SequencedPartition.NextAction.WAIT);
        world.add(1);
        assertThat(sequenced.next()).isEqualTo(SequencedPartition.NextAction.ALLOCATE_PRODUCER_ID);
        assertThat(sequenced.needsNewProducerId()).isFalse();
        sequenced.restart(new ProducerIdAndEpoch(7, 0));
        assertThat(sequenced.next()).isEqualTo(SequencedPartition.NextAction.SEND);
    }

    @Test
    void itWaitsForABatchThatIsStillBeingPacked() {
        PendingBatch batch = world.add(1);
        sequenced.restart(new ProducerIdAndEpoch(7, 0));
        batch.finished = false;
        assertThat(sequenced.next()).isEqualTo(SequencedPartition.NextAction.AWAIT_ENCODING);
    }

    @Test
    void itSendsManyAtATimeUpToItsBound() {
        for (int i = 0; i < 7; i++) {
            world.add(2);
        }
        world.sendAll();
        assertThat(world.open())
                .filteredOn(batch -> batch.state == PendingBatch.State.IN_FLIGHT)
                .isEqualTo(world.open().subList(0, 5));
        assertThat(sequenced.nextSequence()).isEqualTo(10);
    }

    @Test
    void afterARetriableFailureItWaitsForTheAnswersOfTheOthers() {
        world.add(1);
        world.add(1);
        world.sendAll();
        world.add(1);
        world.reject(Reason.STORAGE_UNAVAILABLE);
        world.receive();
        assertThat(sequenced.next()).isEqualTo(SequencedPartition.NextAction.WAIT);
        world.serve();
        world.receive();
        assertThat(sequenced.next()).isEqualTo(SequencedPartition.NextAction.SEND);
        world.finish();
        assertThat(world.stored()).isEqualTo(numbers(0, 3));
        assertThat(sequenced.nextSequence()).isEqualTo(3);
    }

    @Test
    void anAbandonedLastBatchReturnsItsSequence() {
        world.add(3);
        world.sendAll();
        world.reject(Reason.TIMESTAMP_TOO_FAR_AHEAD);
        world.receive();
        assertThat(sequenced.nextSequence()).isZero();
        assertThat(sequenced.needsNewProducerId()).isFalse();
    }

    @Test
    void aSequenceGapNeedsANewProducerId() {
        world.add(1);
        world.add(1);
        world.sendAll();
        world.reject(Reason.TIMESTAMP_TOO_FAR_AHEAD);
        world.receive();
        assertThat(sequenced.needsNewProducerId()).isTrue();
        world.finish();
        assertThat(world.stored()).containsExactly(1);
        assertThat(world.fates()).containsEntry("0", Fate.FAILED).containsEntry("1", Fate.STORED);
    }

    @Test
    void aBatchInDoubtBeforeAGapIsSettledUnderItsProducerId() {
        for (int i = 0; i < 4; i++) {
            world.add(1);
        }
        world.sendAll();
        world.serveAndDoubt();
        world.reject(Reason.OUTCOME_UNKNOWN);
        world.reject(Reason.TIMESTAMP_TOO_FAR_AHEAD);
        world.reject(Reason.OUT_OF_ORDER_SEQUENCE);
        for (int i = 0; i < 4; i++) {
            world.receive();
        }
        world.finish();

        assertThat(world.stored()).containsExactly(0, 1, 3);
        assertThat(world.fates())
                .containsEntry("0", Fate.STORED)
                .containsEntry("1", Fate.STORED)
                .containsEntry("2", Fate.FAILED)
                .containsEntry("3", Fate.STORED);
    }

    @Test
    void aBatchThatIsGivenUpInFlightMayBeStored() {
        PendingBatch batch = world.add(1);
        world.sendAll();
        world.expire(batch);
        assertThat(world.fates()).containsEntry("0", Fate.UNKNOWN);
        world.add(1);
        world.finish();
        assertThat(world.stored()).isEqualTo(numbers(0, 2));
    }

    @Test
    void aPreEncodedBatchGetsNoSequence() {
        world.add(1);
        world.addReady();
        world.sendAll();
        assertThat(sequenced.nextSequence()).isEqualTo(1);
        world.finish();
        assertThat(world.stored()).isEqualTo(numbers(0, 2));
        assertThat(sequenced.needsNewProducerId()).isFalse();
    }

    @Test
    void aBatchMadeElsewhereWhoseAnswerIsLostIsNotSentAgain() {
        world.addReady();
        world.sendAll();
        world.breakStream(1);
        world.add(1);
        world.finish();
        assertThat(world.fates()).containsEntry("0", Fate.UNKNOWN);
        assertThat(world.stored()).isEqualTo(numbers(0, 2));
    }

    @Test
    void aBatchMadeElsewhereThatWasRefusedForNowIsSentAgain() {
        world.addReady();
        world.sendAll();
        world.reject(Reason.OVERLOADED);
        world.receive();
        world.finish();
        assertThat(world.fates()).containsEntry("0", Fate.STORED);
        assertThat(world.stored()).isEqualTo(numbers(0, 1));
    }

    @Test
    void aBatchOverTheTopicsLimitIsCutUntilItFitsAndThoseBehindItKeepTheirPlace() {
        SequencedPartitionHarness narrow = new SequencedPartitionHarness(true, 5, 100);
        narrow.add(9);
        narrow.add(1);
        narrow.finish();
        assertThat(narrow.stored()).isEqualTo(numbers(0, 10));
    }

    /**
     * Checks for any responses that no record is lost, duplicated or reordered, and that every
     * outcome is reported.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, 1_000, 2_000, 3_000})
    void anyResponsesInAnyOrderLoseDuplicateAndReorderNothing(long firstSeed) {
        for (long seed = firstSeed; seed < firstSeed + 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SequencedPartitionHarness any =
                    new SequencedPartitionHarness(
                            true, random.nextInt(1, 8), random.nextInt(90, 400));
            for (int step = 0; step < 200; step++) {
                happens(any, random);
            }
            any.finish();
            check(any, true, "seed " + seed);
        }
    }

    /**
     * Checks that without sequences the order may change, but no record is lost or duplicated
     * without a report.
     */
    @Test
    void withoutSequencesLossAndDuplicatesAreReported() {
        for (long seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SequencedPartitionHarness any =
                    new SequencedPartitionHarness(
                            false, random.nextInt(1, 8), random.nextInt(90, 400));
            for (int step = 0; step < 200; step++) {
                happens(any, random);
            }
            any.finish();
            check(any, false, "seed " + seed);
        }
    }

    private static void happens(SequencedPartitionHarness world, SplittableRandom random) {
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> world.add(random.nextInt(1, 6));
            case 3, 4, 5 -> world.send();
            case 6, 7, 8, 9 -> world.serve();
            case 10, 11, 12, 13 -> world.receive();
            case 14 -> world.reject(Reason.STORAGE_UNAVAILABLE);
            case 15 -> world.reject(Reason.OUTCOME_UNKNOWN);
            case 16 -> world.serveAndDoubt();
            case 17 -> world.breakStream(random.nextInt(3));
            case 18 -> {
                switch (random.nextInt(6)) {
                    case 0 -> world.reject(Reason.TIMESTAMP_TOO_FAR_AHEAD);
                    case 1 -> world.reject(Reason.UNKNOWN_PRODUCER);
                    case 2 -> {
                        // State lost while the outcome of a batch is unknown cannot be recovered.
                        if (!world.anyInDoubt()) {
                            world.log.forgetProducers();
                        }
                    }
                    default -> world.reject(Reason.TOO_LARGE);
                }
            }
            default -> {
                List<PendingBatch> open = world.open();
                if (!open.isEmpty() && random.nextInt(4) == 0) {
                    world.expire(open.get(random.nextInt(open.size())));
                }
            }
        }
    }

    private static void check(SequencedPartitionHarness world, boolean ordered, String what) {
        List<Integer> stored = world.stored();
        assertThat(new HashSet<>(stored)).as(what).hasSameSizeAs(stored);
        if (ordered) {
            assertThat(stored).as(what).isSorted();
        }
        assertThat(world.fates()).as(what).hasSize(world.records());
        world.fates()
                .forEach((value, fate) -> {
                    boolean isStored = stored.contains(Integer.parseInt(value));
                    switch (fate) {
                        case STORED -> assertThat(isStored).as(what + ", " + value).isTrue();
                        case FAILED -> assertThat(isStored).as(what + ", " + value).isFalse();
                        case UNKNOWN -> {}
                    }
                });
    }
}
