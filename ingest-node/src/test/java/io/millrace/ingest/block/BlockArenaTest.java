package io.millrace.ingest.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class BlockArenaTest {

    private final BlockArena buffer = new BlockArena(8 << 20);

    @Test
    void smallBatchesAreAdjacent() {
        keep(100);
        byte[] first = buffer.stagedArray();
        keep(50);
        assertThat(buffer.stagedArray()).isSameAs(first);
        assertThat(buffer.stagedAt()).isEqualTo(100);
    }

    @Test
    void aNearlyEmptyBlockCostsLittle() {
        keep(100);
        assertThat(buffer.memoryBytes()).isLessThan(17_000);
    }

    @Test
    void unkeptCopyIsOverwritten() {
        keep(100);
        buffer.stage(ByteString.copyFrom(new byte[30]));
        keep(40);
        assertThat(buffer.stagedAt()).isEqualTo(100);
    }

    @Test
    void largeBatchGetsItsOwnArray() {
        keep(100);
        keep(900_000);
        assertThat(buffer.stagedArray()).hasSize(900_000);
        keep(100);
        assertThat(buffer.stagedAt()).isEqualTo(100);
    }

    @Test
    void wasteIsBoundedForAllBatchSizes() {
        for (int size : new int[] {100, 1_000, 5_000, 64 * 1024, 300_000}) {
            BlockArena arena = new BlockArena(8 << 20);
            int count = (8 << 20) / size;
            for (int i = 0; i < count; i++) {
                arena.stage(ByteString.copyFrom(new byte[size]));
                assertThat(arena.stagedArray().length).isLessThan(1 << 20);
                arena.keep();
            }
            assertThat(arena.memoryBytes())
                    .as("%d bytes", size)
                    .isLessThan((long) count * size * 102 / 100);
        }
    }

    @Test
    void moreThanExpectedFitsToo() {
        BlockArena small = new BlockArena(20_000);
        for (int i = 0; i < 200; i++) {
            small.stage(ByteString.copyFrom(new byte[1_000]));
            small.keep();
        }
        assertThat(small.memoryBytes()).isBetween(200_000L, 230_000L);
    }

    private void keep(int size) {
        buffer.stage(ByteString.copyFrom(new byte[size]));
        buffer.keep();
    }
}
