package io.millrace.compaction.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.key.KeyCompactionSpec.DirtyPartition;
import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyCompactionLimitsTest {

    private static final ObjectRef SEGMENT =
            new ObjectRef(new ObjectId(ObjectId.Kind.SEGMENT, 7, 0), 1_000, 1_100);

    /** Returns a partition with extents of one offset each, all in one segment. */
    private static DirtyPartition partition(int number, int extents) {
        List<Extent> all =
                IntStream.range(0, extents)
                        .mapToObj(offset -> new Extent(offset, 1, SEGMENT, 0, 1, 0))
                        .toList();
        return new DirtyPartition(number, 0, all);
    }

    @Test
    void theExtentsOfARunAreLimited() {
        KeyCompactionLimits limits = new KeyCompactionLimits(1 << 28, 10);
        int half = MergeSettings.MAX_JOB_EXTENTS / 2;
        assertThat(limits.add(partition(0, half))).isTrue();
        assertThat(limits.add(partition(1, half))).isTrue();
        assertThat(limits.add(partition(2, 1))).isFalse();
        assertThat(limits.selected()).hasSize(2);
    }

    @Test
    void onePartitionMayHaveMoreExtents() {
        KeyCompactionLimits limits = new KeyCompactionLimits(1 << 28, 10);
        limits.add(partition(0, MergeSettings.MAX_JOB_EXTENTS + 1));
        assertThat(limits.selected()).hasSize(1);
    }

    @Test
    void aPartitionIsNotRewrittenForAFewOfItsKeys() {
        KeyCompactionLimits limits = new KeyCompactionLimits(100, 10);
        assertThat(limits.add(partition(0, 90))).isTrue();
        assertThat(limits.add(partition(1, 41))).as("room for 10 keys").isFalse();
        assertThat(limits.selected()).hasSize(1);

        KeyCompactionLimits others = new KeyCompactionLimits(100, 10);
        others.add(partition(0, 90));
        assertThat(others.add(partition(1, 40))).as("the room is used").isFalse();
        assertThat(others.selected()).hasSize(2);
    }
}
