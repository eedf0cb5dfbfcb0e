package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeSettings;
import io.millrace.metadata.StoredObject;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of the merge policy with object sizes beyond the memory of a test. */
class MergePolicyTest {

    private static final RetentionClass CLASS = new RetentionClass(true, false, 1_000, -1);
    private static final long MIB = 1 << 20;

    private final MergePolicy choice =
            new MergePolicy(
                    MergeSettings.of(
                            64 * MIB,
                            Duration.ofMinutes(10),
                            256,
                            1024 * MIB,
                            64 * MIB,
                            0,
                            Duration.ofSeconds(5)));
    private final List<StoredObject> stored = new ArrayList<>();

    private void store(ObjectId.Kind kind, int count, long bytes, int extents) {
        for (int i = 0; i < count; i++) {
            ObjectId id = new ObjectId(kind, 7, stored.size());
            stored.add(
                    new StoredObject(
                            new ObjectRef(id, bytes + 16, bytes + 1_000),
                            1,
                            bytes,
                            stored.size(),
                            extents,
                            0));
        }
    }

    private int due() {
        return due(1_000);
    }

    private int due(long nowMs) {
        return choice.next(stored, object -> true, topicId -> CLASS, nowMs).size();
    }

    /** Stores a segment with a number of live bytes and the time of its youngest record. */
    private void storeSparse(long bytes, long liveBytes, long storedMs) {
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 7, stored.size());
        ObjectRef ref = new ObjectRef(id, bytes, bytes + 1_000);
        stored.add(new StoredObject(ref, 1, liveBytes, storedMs, 1_000, 0));
    }

    private void storeBlock(long storedMs) {
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, 7, stored.size());
        ObjectRef ref = new ObjectRef(id, 1_000, 2_000);
        stored.add(new StoredObject(ref, 1, 1_000, storedMs, 1, 0));
    }

    @Test
    void manyPartitionsWaitForSixteenSegments() {
        store(ObjectId.Kind.SEGMENT, 63, 256 * MIB, 2_000);
        assertThat(due()).isZero();

        store(ObjectId.Kind.SEGMENT, 1, 256 * MIB, 2_000);
        assertThat(due()).isEqualTo(64);
    }

    @Test
    void fewPartitionsWaitForOne() {
        store(ObjectId.Kind.SEGMENT, 3, 256 * MIB, 64);
        assertThat(due()).isZero();

        store(ObjectId.Kind.SEGMENT, 1, 256 * MIB, 64);
        assertThat(due()).isEqualTo(4);
    }

    @Test
    void soManyExtentsWaitNoLongerForWhatTheyTakeInMemory() {
        store(ObjectId.Kind.SEGMENT, 3, 20 * MIB, 80_000);
        assertThat(due()).isZero();

        store(ObjectId.Kind.SEGMENT, 1, 20 * MIB, 80_000);
        assertThat(due()).isEqualTo(4);
    }

    @Test
    void blocksThatMakeHalfASegmentOrMoreAreMergedOnlyOnceAndSoWaitForStretches() {
        store(ObjectId.Kind.WAL, 200, 32 * MIB, 1_000);
        assertThat(due()).isZero();

        store(ObjectId.Kind.WAL, 50, 32 * MIB, 1_000);
        assertThat(due()).isEqualTo(250);
    }

    @Test
    void smallerOnesAreMergedAgainAndDoNotWait() {
        store(ObjectId.Kind.WAL, 31, 8 * MIB, 1_000);
        assertThat(due()).isZero();

        store(ObjectId.Kind.WAL, 1, 8 * MIB, 1_000);
        assertThat(due()).isEqualTo(32);
    }

    @Test
    void fewBlocksAreMergedOnceOneOfThemHasWaitedLong() {
        storeBlock(1_000);
        storeBlock(300_000);
        assertThat(due(600_999)).isZero();
        assertThat(due(601_000)).isEqualTo(2);
    }

    @Test
    void aLargeSegmentIsLeftAsItIs() {
        store(ObjectId.Kind.SEGMENT, 300, 512 * MIB, 1_000);
        assertThat(due()).isZero();
    }

    @Test
    void blocksThatAreDueGoIntoLargeSegmentsWithSmallOnesThatLackNoMore() {
        store(ObjectId.Kind.SEGMENT, 62, 256 * MIB, 2_000);
        store(ObjectId.Kind.WAL, 32, 8 * MIB, 1_000);
        assertThat(due()).as("too little for large ones").isEqualTo(32);

        stored.clear();
        store(ObjectId.Kind.SEGMENT, 63, 256 * MIB, 2_000);
        store(ObjectId.Kind.WAL, 31, 8 * MIB, 1_000);
        assertThat(due()).as("blocks that are not due").isZero();

        store(ObjectId.Kind.WAL, 1, 8 * MIB, 1_000);
        assertThat(due()).isEqualTo(63 + 32);
    }

    @Test
    void blocksThatMakeLargeSegmentsByThemselvesTakeNoSmallOnesAlong() {
        store(ObjectId.Kind.SEGMENT, 1, 200 * MIB, 100);
        store(ObjectId.Kind.WAL, 60, 32 * MIB, 100);
        assertThat(due()).isEqualTo(51);
        assertThat(choice.next(stored, object -> true, topicId -> CLASS, 1_000))
                .allMatch(object -> object.object().id().kind() == ObjectId.Kind.WAL);
    }

    @Test
    void atTheInputLimitSlightlyShorterRunsSuffice() {
        store(ObjectId.Kind.SEGMENT, 191, 65 * MIB, 1_000);
        store(ObjectId.Kind.WAL, 64, MIB, 60);
        assertThat(due()).as("there is room for one more").isEqualTo(64);

        store(ObjectId.Kind.SEGMENT, 1, 65 * MIB, 1_000);
        assertThat(due()).isEqualTo(192 + 64);
    }

    @Test
    void manyTinyBlocksOfWhichFewFitGoByThemselves() {
        store(ObjectId.Kind.SEGMENT, 190, 65 * MIB, 1_000);
        store(ObjectId.Kind.WAL, 4_000, 17 << 10, 1);
        assertThat(due()).isLessThan(4_000).isGreaterThan(256);
    }

    @Test
    void ofASparseSegmentTheRestIsWrittenAnew() {
        storeSparse(1024 * MIB, 500 * MIB, 0);
        assertThat(due(500)).isEqualTo(1);

        stored.clear();
        storeSparse(1024 * MIB, 512 * MIB, 0);
        assertThat(due(500)).as("half of it").isZero();
    }

    @Test
    void whatRetentionTakesSoonIsNotWrittenAnew() {
        storeSparse(1024 * MIB, 100 * MIB, 10_000);
        assertThat(due(10_749)).isEqualTo(1);
        assertThat(due(10_750)).as("a quarter of the retention is left").isZero();
        assertThat(due(10_999)).isZero();
        assertThat(due(11_000))
                .as("retention did not delete it, and may not for long")
                .isEqualTo(1);
    }

    /** Stores objects with 10 extents each, some of them offloaded. */
    private void storeOffloaded(ObjectId.Kind kind, int count, int offloadedExtents) {
        for (int i = 0; i < count; i++) {
            ObjectId id = new ObjectId(kind, 7, stored.size());
            ObjectRef ref = new ObjectRef(id, 8 * MIB, 8 * MIB + 1_000);
            stored.add(new StoredObject(ref, 1, 8 * MIB, 0, 10, offloadedExtents));
        }
    }

    @Test
    void extentsInMemoryOfAPartlyOffloadedBlockAreMerged() {
        storeOffloaded(ObjectId.Kind.WAL, 31, 9);
        storeOffloaded(ObjectId.Kind.WAL, 1, 10);
        assertThat(due()).as("one block has no extents in memory").isZero();

        storeOffloaded(ObjectId.Kind.WAL, 1, 9);
        assertThat(due()).isEqualTo(32);
    }

    @Test
    void segmentsOfWhichSomethingLeftMemoryStayAsTheyAre() {
        storeOffloaded(ObjectId.Kind.SEGMENT, 256, 1);
        assertThat(due()).isZero();

        store(ObjectId.Kind.SEGMENT, 256, 8 * MIB, 10);
        assertThat(due()).isEqualTo(128);
    }

    private long extentsOfDue() {
        return choice.next(stored, object -> true, topicId -> CLASS, 1_000_000).stream()
                .mapToLong(StoredObject::extents)
                .sum();
    }

    @Test
    void theExtentsOfSparseSegmentsInAMergeAreLimited() {
        for (int i = 0; i < 300; i++) {
            ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 7, i);
            ObjectRef ref = new ObjectRef(id, 1024 * MIB, 1024 * MIB + 1_000);
            stored.add(new StoredObject(ref, 1, 100 * MIB, 0, 8_000, 0));
        }
        assertThat(extentsOfDue()).isBetween(250_000L, 258_000L);
    }

    @Test
    void theExtentsOfSmallSegmentsInAMergeAreLimited() {
        store(ObjectId.Kind.SEGMENT, 300, 100 * MIB, 8_000);
        assertThat(extentsOfDue()).isBetween(250_000L, 258_000L);
    }
}
