package io.millrace.cli.verify.proof;

import static io.millrace.cli.verify.proof.StoredPartition.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.verify.proof.PartitionVerifier.Role;
import io.millrace.cli.verify.proof.Violation.Kind;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.record.RecordHeader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ViolationDetectionTest {

    private final StoredPartition partition = new StoredPartition();

    private static void assertViolation(
            @Nullable Violation found, Kind kind, long offset, String... words) {
        Objects.requireNonNull(found, "nothing was found");
        assertThat(found.kind()).isEqualTo(kind);
        assertThat(found.offset()).isEqualTo(offset);
        assertThat(found.partition()).isEqualTo(StoredPartition.PARTITION);
        assertThat(found.message()).startsWith("Partition 3: ");
        assertThat(words).allMatch(found.message()::contains);
    }

    private void sendSome() {
        for (int i = 0; i < 30; i++) {
            partition.sendStored(i % 3);
        }
    }

    /** The witness has read everything correctly before the fault. */
    private void witnessed() {
        sendSome();
        assertThat(partition.read(Role.WITNESS)).isNull();
    }

    @Test
    void whatWasAcknowledgedIsThereOnceInOrderAtItsOffsetForEveryReader() {
        sendSome();
        for (Role role : new Role[] {Role.WITNESS, Role.OBSERVER, Role.AUDITOR, Role.AUDITOR}) {
            assertThat(partition.read(role)).isNull();
        }
        assertThat(partition.ledger.acknowledged()).isEqualTo(30);
        assertThat(partition.ledger.openCount()).isZero();
        assertThat(partition.ledger.endOffset()).isEqualTo(30);
    }

    @Test
    void aTopicThatHadRecordsBeforeIsReadFromItsEndThen() {
        StoredPartition used = new StoredPartition(500);
        used.sendStored(0);
        used.sendStored(0);
        assertThat(used.read(Role.WITNESS)).isNull();
        assertThat(used.read(Role.AUDITOR)).isNull();
        assertThat(used.ledger.endOffset()).isEqualTo(502);
    }

    @Test
    void aRecordMayBeSeenBeforeItIsAcknowledged() {
        partition.stored.add(partition.send(0));
        PartitionVerifier witness = partition.reading(Role.WITNESS);
        assertThat(witness.read(record(0, partition.stored.getFirst()))).isNull();
        assertThat(partition.ledger.openCount()).isOne();
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(0))).isNull();
        assertThat(partition.ledger.openCount()).isZero();
    }

    @Test
    void aRecordThatWasNotTakenByTheProducerMayBeSentAgain() {
        byte[] first = partition.send(0);
        partition.ledger.withdraw(0);
        assertThat(partition.ledger.openCount()).isZero();
        assertThat(partition.ledger.sent(0)).isZero();
        assertThat(partition.ledger.send(0)).isZero();
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(0))).isNull();
        partition.stored.add(first);
        assertThat(partition.read(Role.WITNESS)).isNull();
    }

    @Test
    void aLostRecordIsNamedWhenAnotherIsAtItsOffset() {
        sendSome();
        partition.stored.remove(10);
        assertViolation(
                partition.read(Role.WITNESS),
                Kind.LOST,
                10,
                "record 3 of producer 1 was acknowledged at offset 10 and is missing");
    }

    @Test
    void aLostRecordIsNamedWhenItWasTheLast() {
        sendSome();
        partition.stored.removeLast();
        assertViolation(partition.read(Role.WITNESS), Kind.LOST, 29, "record 9 of producer 2");
    }

    @Test
    void aRecordThatIsAcknowledgedAfterItsPlaceWasReadIsLost() {
        partition.send(0);
        partition.send(1);
        partition.stored.add(partition.send(2));
        assertThat(partition.reported(2, 0, new DeliveryOutcome.Stored(0))).isNull();
        PartitionVerifier witness = partition.reading(Role.WITNESS);
        assertThat(witness.read(record(0, partition.stored.getFirst()))).isNull();
        assertViolation(
                partition.reported(1, 0, new DeliveryOutcome.Stored(0)),
                Kind.LOST,
                0,
                "of producer 1");
    }

    @Test
    void aRecordThatIsLostLaterIsNamedByWhatComesInItsPlace() {
        for (int i = 0; i < 5; i++) {
            partition.sendStored(0);
        }
        assertThat(partition.read(Role.WITNESS)).isNull();
        partition.stored.remove(2);
        assertViolation(
                partition.read(Role.AUDITOR), Kind.LOST, 2, "record 2 of producer 0", "record 3");
    }

    @Test
    void lastRecordsThatAreLostLaterAreNamedAtTheEnd() {
        witnessed();
        partition.stored.removeLast();
        assertViolation(partition.read(Role.AUDITOR), Kind.LOST, 29, "record 9 of producer 2");
    }

    @ParameterizedTest
    @EnumSource(
            value = Role.class,
            names = {"WITNESS", "AUDITOR"})
    void aRecordThatIsThereTwiceIsNamed(Role role) {
        if (role == Role.AUDITOR) {
            witnessed();
        } else {
            sendSome();
        }
        partition.stored.add(partition.stored.get(7));
        assertViolation(partition.read(role), Kind.DOUBLED, 30, "record 2 of producer 1");
    }

    @Test
    void aRecordThatIsThereTwiceBeforeItIsAcknowledgedIsNamedWithBothOffsets() {
        byte[] twice = partition.send(0);
        Collections.addAll(partition.stored, twice, twice);
        assertViolation(
                partition.read(Role.WITNESS), Kind.DOUBLED, 1, "offset 1", "after offset 0");
    }

    @Test
    void recordsThatAreNotInTheOrderInWhichTheyWereSentAreNamed() {
        byte[] first = partition.send(0);
        byte[] second = partition.send(0);
        Collections.addAll(partition.stored, second, first);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(1))).isNull();
        assertThat(partition.reported(0, 1, new DeliveryOutcome.Stored(0))).isNull();
        assertViolation(
                partition.read(Role.WITNESS),
                Kind.REORDERED,
                0,
                "record 1",
                "offset 0",
                "offset 1");
    }

    @Test
    void recordsOfSeveralProducersMayBeInAnyOrder() {
        byte[] batch = partition.send(0);
        byte[] other = partition.send(1);
        Collections.addAll(partition.stored, other, batch);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(1))).isNull();
        assertThat(partition.reported(1, 0, new DeliveryOutcome.Stored(0))).isNull();
        assertThat(partition.read(Role.WITNESS)).isNull();
        assertThat(partition.read(Role.AUDITOR)).isNull();
    }

    @Test
    void aRecordAtAnotherOffsetThanAcknowledgedIsNamedWithBoth() {
        partition.stored.add(partition.send(0));
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(5))).isNull();
        assertViolation(
                partition.read(Role.WITNESS), Kind.WRONG_OFFSET, 0, "at offset 5", "at offset 0");
    }

    @Test
    void aRecordThatWasSeenElsewhereBeforeItIsAcknowledgedIsNamedWithBoth() {
        byte[] sent = partition.send(0);
        assertThat(partition.reading(Role.WITNESS).read(record(0, sent))).isNull();
        assertViolation(
                partition.reported(0, 0, new DeliveryOutcome.Stored(5)),
                Kind.WRONG_OFFSET,
                0,
                "at offset 5",
                "at offset 0");
    }

    @Test
    void anOffsetThatIsAcknowledgedTwiceIsNamed() {
        partition.send(0);
        partition.send(1);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(5))).isNull();
        assertViolation(
                partition.reported(1, 0, new DeliveryOutcome.Stored(5)),
                Kind.WRONG_OFFSET,
                5,
                "record 0 of producer 0",
                "record 0 of producer 1");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void changedBytesAreNamed(Role role) {
        if (role == Role.WITNESS) {
            sendSome();
        } else {
            witnessed();
        }
        byte[] changed = partition.stored.get(4).clone();
        changed[99] ^= 1;
        partition.stored.set(4, changed);
        assertViolation(
                partition.read(role), Kind.CHANGED, 4, "offset 4 holds record 1 of producer 1");
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 32, 40, 99})
    void whereverARecordIsChangedItIsNamed(int at) {
        sendSome();
        byte[] changed = partition.stored.get(4).clone();
        changed[at] ^= 1;
        partition.stored.set(4, changed);
        assertViolation(partition.read(Role.WITNESS), Kind.CHANGED, 4);
    }

    @Test
    void aRecordThatWasShortenedIsNamed() {
        sendSome();
        partition.stored.set(4, java.util.Arrays.copyOf(partition.stored.get(4), 60));
        assertViolation(partition.read(Role.WITNESS), Kind.CHANGED, 4);
    }

    @Test
    void aRecordWithAnotherPreviousHashAndAHashThatFitsIsNamed() {
        sendSome();
        partition.stored.set(4, StoredPartition.content().make(1, 3, 1, 12345));
        assertViolation(partition.read(Role.WITNESS), Kind.CHANGED, 4);
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void missingOffsetsAreNamed(Role role) {
        PartitionVerifier reading = partition.reading(role);
        if (role == Role.AUDITOR) {
            partition.sendStored(0);
            partition.sendStored(0);
        } else {
            partition.stored.add(partition.send(0));
            partition.stored.add(partition.send(0));
        }
        assertThat(reading.read(record(0, partition.stored.get(0)))).isNull();
        assertViolation(
                reading.read(record(2, partition.stored.get(1))),
                Kind.GAP,
                1,
                "offset 0 is followed by offset 2");
    }

    @Test
    void anOffsetThatIsServedTwiceIsNamed() {
        byte[] sent = partition.send(0);
        PartitionVerifier reading = partition.reading(Role.OBSERVER);
        assertThat(reading.read(record(0, sent))).isNull();
        assertViolation(
                reading.read(record(0, sent)), Kind.REORDERED, 0, "is followed by offset 0 again");
    }

    @Test
    void aRecordThatWasNeverSentIsReported() {
        sendSome();
        partition.stored.add(StoredPartition.content().make(1, 3, 10, 0));
        assertViolation(
                partition.read(Role.WITNESS), Kind.PHANTOM, 30, "record 10 of producer 1", "never");
    }

    @Test
    void aRecordOfAnotherPartitionIsNamed() {
        sendSome();
        partition.stored.add(StoredPartition.content().make(1, 2, 0, 0));
        assertViolation(partition.read(Role.WITNESS), Kind.PHANTOM, 30, "for partition 2");
    }

    @Test
    void recordsOfAnotherRunAreReported() {
        byte[][] foreign = {
            new byte[3],
            new byte[0],
            null,
            new RecordContent(78, 100, RecordContent.Keys.NONE, StoredPartition.TIMES)
                    .make(0, 3, 0, 0)
        };
        for (byte[] each : foreign) {
            assertViolation(
                    partition.reading(Role.OBSERVER).read(record(0, each)),
                    Kind.PHANTOM,
                    0,
                    "a record of another run");
        }
    }

    @Test
    void aRecordOfUnknownFateMayBeMissing() {
        partition.send(0);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Unknown())).isNull();
        partition.sendStored(0);
        assertThat(partition.read(Role.WITNESS)).isNull();
        assertThat(partition.read(Role.AUDITOR)).isNull();
        assertThat(partition.ledger.unknown()).isOne();
        assertThat(partition.ledger.unknownStored()).isZero();
    }

    @Test
    void aRecordOfUnknownFateMayBeThereOnceEvenBehindLaterOnes() {
        byte[] doubtful = partition.send(0);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Unknown())).isNull();
        partition.sendStored(0);
        partition.stored.add(doubtful);
        assertThat(partition.read(Role.WITNESS)).isNull();
        assertThat(partition.read(Role.AUDITOR)).isNull();
        assertThat(partition.ledger.unknownStored()).isOne();
    }

    @Test
    void aRecordOfUnknownFateThatIsThereTwiceIsNamed() {
        byte[] doubtful = partition.send(0);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Unknown())).isNull();
        Collections.addAll(partition.stored, doubtful, doubtful);
        assertViolation(partition.read(Role.WITNESS), Kind.DOUBLED, 1, "record 0 of producer 0");
        assertViolation(partition.read(Role.AUDITOR), Kind.DOUBLED, 1, "record 0 of producer 0");
    }

    @Test
    void aRecordThatWasReportedAsNotStoredMustNotBeThere() {
        byte[] denied = partition.send(0);
        partition.stored.add(denied);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.NotStored())).isNull();
        assertViolation(partition.read(Role.WITNESS), Kind.DENIED, 0, "reported as not stored");
        assertViolation(partition.read(Role.AUDITOR), Kind.DENIED, 0, "reported as not stored");
    }

    @Test
    void aRecordThatWasSeenMustNotBeReportedAsNotStored() {
        byte[] denied = partition.send(0);
        assertThat(partition.reading(Role.WITNESS).read(record(0, denied))).isNull();
        assertViolation(partition.reported(0, 0, new DeliveryOutcome.NotStored()), Kind.DENIED, 0);
    }

    @Test
    void aRecordThatWasAcknowledgedWithoutOffsetMustBeThere() {
        byte[] somewhere = partition.send(0);
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(-1))).isNull();
        assertViolation(partition.read(Role.WITNESS), Kind.LOST, -1, "record 0 of producer 0");
        partition.stored.add(somewhere);
        StoredPartition other = new StoredPartition();
        other.stored.add(other.send(0));
        assertThat(other.reported(0, 0, new DeliveryOutcome.Stored(-1))).isNull();
        assertThat(other.read(Role.WITNESS)).isNull();
    }

    @Test
    void readersThatSeeOtherTimestampsDisagree() {
        StoredPartition ofAppend =
                new StoredPartition(
                        0, RecordContent.Keys.NONE, new RecordContent.Times(1_000_000, true));
        ofAppend.sendStored(0);
        byte[] sent = ofAppend.stored.getFirst();
        assertThat(ofAppend.reading(Role.WITNESS).read(record(0, 1000, sent))).isNull();
        assertViolation(
                ofAppend.reading(Role.AUDITOR).read(record(0, 1001, sent)),
                Kind.DISAGREEMENT,
                0,
                "from offset 0 to 0");
    }

    @Test
    void readersThatSeeRecordsOfSeveralProducersInAnotherOrderDisagree() {
        witnessed();
        Collections.swap(partition.stored, 3, 4);
        assertViolation(partition.read(Role.OBSERVER), Kind.DISAGREEMENT, 3);
    }

    @Test
    void anotherTimestampThanSentIsNamedByTheFirstReader() {
        byte[] sent = partition.send(0);
        ReadRecord asSent = record(0, sent);
        assertViolation(
                partition.reading(Role.WITNESS).read(record(0, asSent.timestampMs() + 1, sent)),
                Kind.CHANGED,
                0,
                "timestamp");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void anotherHeaderThanSentIsNamed(int sequence) {
        PartitionVerifier witness = partition.reading(Role.WITNESS);
        for (int i = 0; i < sequence; i++) {
            assertThat(witness.read(record(i, partition.send(0)))).isNull();
        }
        ReadRecord sent = record(sequence, partition.send(0));
        List<RecordHeader> others = new ArrayList<>(sent.headers());
        if (others.isEmpty()) {
            others.add(new RecordHeader("sequence", null));
        } else {
            others.set(sequence - 1, new RecordHeader("sequence", new byte[] {1}));
        }
        assertThat(sent.headers()).hasSize(sequence);
        ReadRecord changed =
                new ReadRecord(
                        sent.partition(),
                        sent.offset(),
                        sent.timestampMs(),
                        sent.key(),
                        sent.value(),
                        others);
        assertViolation(witness.read(changed), Kind.CHANGED, sequence, "header");
    }

    @Test
    void aRecordOfACompactedTopicThatMovedToAnotherOffsetIsNamed() {
        StoredPartition compacted = new StoredPartition(0, new RecordContent.Keys(5, true));
        for (int i = 0; i < 30; i++) {
            compacted.sendStored(0);
        }
        assertThat(compacted.read(Role.WITNESS)).isNull();
        assertThat(compacted.read(Role.AUDITOR, 0, Set.of(3L, 4L, 9L))).isNull();
        // Compaction removed the records before 20, and wrote record 20 at offset 19.
        Collections.swap(compacted.stored, 19, 20);
        Set<Long> gone = LongStream.range(0, 19).boxed().collect(Collectors.toSet());
        gone.add(20L);
        assertViolation(compacted.read(Role.AUDITOR, 0, gone), Kind.DISAGREEMENT, 19);
    }
}
