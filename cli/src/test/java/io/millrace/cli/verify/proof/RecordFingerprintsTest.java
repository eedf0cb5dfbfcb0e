package io.millrace.cli.verify.proof;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecordFingerprintsTest {

    private static final long START = 1_000_003;
    private static final long OFFSETS = 3L * RecordFingerprints.MAX_PLACES;

    private static long digest(long offset) {
        return offset * 0x9e3779b97f4a7c15L;
    }

    @Test
    void aLongPartitionIsComparedAtEveryFewOffsetsInBoundedMemory() {
        RecordFingerprints found = new RecordFingerprints();
        for (long offset = START; offset < START + OFFSETS; offset++) {
            assertThat(found.isAsBefore(offset, digest(offset))).isTrue();
        }
        for (long offset = START; offset < START + OFFSETS; offset++) {
            assertThat(found.isAsBefore(offset, digest(offset))).isTrue();
        }
        int different = 0;
        for (long offset = START; offset < START + OFFSETS; offset++) {
            different += found.isAsBefore(offset, digest(offset + 1)) ? 0 : 1;
        }
        assertThat(different).isEqualTo((int) (OFFSETS / 4));
    }
}
