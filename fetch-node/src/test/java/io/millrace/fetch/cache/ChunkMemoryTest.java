package io.millrace.fetch.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.storage.stream.ObjectId;
import org.junit.jupiter.api.Test;

/** Tests evictions when the budget is used up. */
class ChunkMemoryTest {

    private static final int SIZE = 100;

    private final ChunkMemory memory = new ChunkMemory(40 * SIZE);

    @Test
    void theChunkThatWasReadLastStaysHoweverOftenOlderOnesWereRead() {
        for (int number = 0; number < 40; number++) {
            add(number);
            for (int reader = 0; reader < 50; reader++) {
                memory.find(key(number), true);
            }
        }
        for (int number = 40; number < 60; number++) {
            add(number);
            memory.find(key(number), true);
        }

        assertThat(memory.contains(key(19))).isFalse();
        for (int number = 20; number < 60; number++) {
            assertThat(memory.contains(key(number))).as("chunk %d", number).isTrue();
        }
    }

    @Test
    void catchUpReadsDoNotEvictChunksOfFollowers() {
        for (int number = 0; number < 20; number++) {
            add(number);
            memory.find(key(number), true);
        }
        for (int number = 100; number < 1000; number++) {
            add(number);
            memory.find(key(number), false);
        }

        for (int number = 0; number < 20; number++) {
            assertThat(memory.contains(key(number))).as("chunk %d", number).isTrue();
        }
        assertThat(memory.contains(key(999))).isTrue();
        assertThat(memory.contains(key(980))).isTrue();
        assertThat(memory.contains(key(979))).isFalse();
    }

    @Test
    void followersLeaveHalfOfTheBudgetToCatchUpReads() {
        for (int number = 0; number < 40; number++) {
            add(number);
        }
        for (int number = 100; number < 1000; number++) {
            add(number);
            memory.find(key(number), true);
        }

        assertThat(memory.contains(key(39))).isTrue();
        assertThat(memory.contains(key(21))).isTrue();
        assertThat(memory.contains(key(0))).isFalse();
    }

    @Test
    void catchUpReadsMayUseTheUnusedBudget() {
        for (int number = 0; number < 40; number++) {
            add(number);
        }

        assertThat(memory.bytes()).isEqualTo(40 * SIZE);
        assertThat(memory.contains(key(0))).isTrue();
    }

    @Test
    void aChunkThatIsLargerThanAllIsNotKept() {
        add(1);
        memory.add(key(2), Chunk.of(new byte[41 * SIZE]));

        assertThat(memory.contains(key(1))).isTrue();
        assertThat(memory.contains(key(2))).isFalse();
    }

    private void add(int number) {
        memory.add(key(number), Chunk.of(new byte[SIZE]));
    }

    private static ChunkKey key(int number) {
        return new ChunkKey(new ObjectId(ObjectId.Kind.WAL, 1, number), 0);
    }
}
