package io.millrace.cli.verify.proof;

import static io.millrace.cli.verify.proof.StoredPartition.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.verify.proof.PartitionVerifier.Role;
import io.millrace.cli.verify.proof.Violation.Kind;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Missing records that are not lost: below the log start, or superseded by key. */
class MissingRecordsTest {

    private static final Set<Long> NONE = Set.of();

    private final StoredPartition partition = new StoredPartition();
    private final StoredPartition compacted =
            new StoredPartition(0, new RecordContent.Keys(5, true));

    private static void sendSome(StoredPartition to) {
        for (int i = 0; i < 30; i++) {
            to.sendStored(i % 3);
        }
    }

    /** The witness has read everything, and later readers do not compare with its digests. */
    private void witnessedByItself() {
        assertThat(partition.read(Role.WITNESS)).isNull();
        partition.agreement = new ReaderConsistency(StoredPartition.PARTITION);
    }

    private static void assertLost(@Nullable Violation found, String... words) {
        Objects.requireNonNull(found, "nothing was found");
        assertThat(found.kind()).as(found.message()).isEqualTo(Kind.LOST);
        assertThat(words).allMatch(found.message()::contains);
    }

    @Test
    void whatIsBelowTheLogStartIsCountedAsRemoved() {
        sendSome(partition);
        assertThat(partition.read(Role.WITNESS)).isNull();
        assertThat(partition.read(Role.AUDITOR, 10, NONE)).isNull();
        assertThat(partition.read(Role.AUDITOR, 13, NONE)).isNull();
        assertThat(partition.ledger.removed()).isEqualTo(13);
        assertThat(partition.ledger.acknowledged()).isEqualTo(30);
    }

    @Test
    void aWitnessMayFindTheLogStartAheadOfIt() {
        sendSome(partition);
        assertThat(partition.read(Role.WITNESS, 13, NONE)).isNull();
        assertThat(partition.ledger.openCount()).isZero();
        assertThat(partition.read(Role.AUDITOR, 13, NONE)).isNull();
        assertThat(partition.ledger.removed()).isEqualTo(13);
    }

    @Test
    void aRecordMayBeAcknowledgedWhenItIsBelowTheLogStartAlready() {
        partition.send(0);
        PartitionVerifier witness = partition.reading(Role.WITNESS);
        assertThat(witness.trimmed(1)).isNull();
        assertThat(partition.reported(0, 0, new DeliveryOutcome.Stored(0))).isNull();
        assertThat(partition.ledger.openCount()).isZero();
        assertThat(partition.ledger.end()).isNull();
    }

    @Test
    void allMayBeRemoved() {
        sendSome(partition);
        assertThat(partition.read(Role.WITNESS)).isNull();
        assertThat(partition.read(Role.AUDITOR, 30, NONE)).isNull();
        assertThat(partition.ledger.removed()).isEqualTo(30);
    }

    @Test
    void aReadingMayBeOvertakenByTheLogStartAgainAndAgain() {
        sendSome(partition);
        assertThat(partition.read(Role.WITNESS)).isNull();
        PartitionVerifier auditor = partition.reading(Role.AUDITOR);
        assertThat(auditor.read(record(0, partition.stored.get(0)))).isNull();
        assertThat(auditor.trimmed(7)).isNull();
        assertThat(auditor.read(record(7, partition.stored.get(7)))).isNull();
        assertThat(auditor.trimmed(30)).isNull();
        assertThat(auditor.end()).isNull();
        assertThat(partition.ledger.removed()).isEqualTo(28);
    }

    @Test
    void theLastRecordOfAProducerIsLostIfTheLogStartIsBeforeIt() {
        sendSome(partition);
        assertThat(partition.read(Role.WITNESS)).isNull();
        partition.stored.removeLast();
        assertLost(partition.read(Role.AUDITOR, 13, NONE), "record 9 of producer 2");
        assertLost(partition.read(Role.AUDITOR, 29, NONE), "record 9 of producer 2");
    }

    @Test
    void aRecordBehindTheLogStartIsLostWhenTheOneBeforeIsThere() {
        sendSome(partition);
        witnessedByItself();
        partition.stored.remove(20);
        assertLost(partition.read(Role.AUDITOR, 13, NONE), "record 6 of producer 2", "offset 22");
    }

    @Test
    void theFirstRecordBehindTheLogStartIsLostIfAnotherIsInItsPlace() {
        sendSome(partition);
        witnessedByItself();
        partition.stored.set(13, partition.stored.get(12));
        assertLost(partition.read(Role.AUDITOR, 13, NONE), "record 4 of producer 1");
    }

    @Test
    void noMoreRecordsAreRemovedThanThereAreOffsetsBelowTheLogStart() {
        for (int i = 0; i < 1_000; i++) {
            partition.sendStored(0);
        }
        witnessedByItself();
        // The index of this many records is thinned out, so a few after the log start look removed.
        partition.stored.remove(501);
        assertLost(partition.read(Role.AUDITOR, 501, NONE), "502 acknowledged", "501 offsets");
    }

    @Test
    void aRecordWithANewerOneOfItsKeyIsCountedAsCompacted() {
        sendSome(compacted);
        // The last five of each producer's ten records have the keys of the first five.
        assertThat(compacted.read(Role.WITNESS, 0, Set.of(0L, 4L))).isNull();
        assertThat(compacted.read(Role.AUDITOR, 0, Set.of(0L, 4L, 8L, 14L))).isNull();
        assertThat(compacted.ledger.compacted()).isEqualTo(4);
        assertThat(compacted.ledger.removed()).isZero();
        assertThat(compacted.ledger.openCount()).isZero();
    }

    @Test
    void theNewestRecordOfAKeyIsLostIfItIsNotThere() {
        sendSome(compacted);
        assertThat(compacted.read(Role.WITNESS)).isNull();
        assertLost(
                compacted.read(Role.AUDITOR, 0, Set.of(17L)),
                "record 5 of producer 2",
                "without a newer record of the same key");
        assertLost(compacted.read(Role.AUDITOR, 0, Set.of(29L)), "record 9 of producer 2");
        assertLost(compacted.read(Role.AUDITOR, 0, Set.of(2L, 17L)), "record 5 of producer 2");
    }

    @Test
    void ofACompactedTopicRecordsMayBeBelowTheLogStartToo() {
        sendSome(compacted);
        assertThat(compacted.read(Role.WITNESS)).isNull();
        assertThat(compacted.read(Role.AUDITOR, 16, Set.of())).isNull();
        assertThat(compacted.ledger.removed()).isEqualTo(16);
    }

    @Test
    void whereKeysAreNotCompactedAGapIsAGap() {
        StoredPartition keyed = new StoredPartition(0, new RecordContent.Keys(5, false));
        sendSome(keyed);
        assertThat(keyed.read(Role.WITNESS)).isNull();
        assertThat(keyed.read(Role.AUDITOR)).isNull();
        Violation found = keyed.read(Role.AUDITOR, 0, Set.of(4L));
        assertThat(Objects.requireNonNull(found).kind()).isEqualTo(Kind.GAP);
    }

    @Test
    void aRecordWithAnotherKeyIsNamed() {
        sendSome(compacted);
        Violation found =
                compacted.reading(Role.WITNESS).read(record(0, compacted.stored.getFirst()));
        assertThat(Objects.requireNonNull(found).kind()).isEqualTo(Kind.CHANGED);
    }
}
