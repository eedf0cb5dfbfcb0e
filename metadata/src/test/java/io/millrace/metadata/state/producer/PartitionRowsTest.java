package io.millrace.metadata.state.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The rows of partitions against a map of sets, for random changes. */
class PartitionRowsTest {

    private static final int ROWS = 500;

    @Test
    void theRowsOfAPartitionAreFoundUntilTheyAreRemoved() {
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int partitionCount = 1 + random.nextInt(300);
            long[] partitions = new long[ROWS];
            PartitionRows rows = new PartitionRows(each -> partitions[each]);
            Map<Long, Set<Integer>> model = new HashMap<>();
            Set<Integer> used = new HashSet<>();
            for (int i = 0; i < 3_000; i++) {
                int row = random.nextInt(ROWS);
                if (used.remove(row)) {
                    rows.remove(row);
                    model.getOrDefault(partitions[row], new HashSet<>()).remove(row);
                } else {
                    used.add(row);
                    partitions[row] = random.nextLong(partitionCount);
                    rows.add(row);
                    model.computeIfAbsent(partitions[row], none -> new HashSet<>()).add(row);
                }
            }
            for (long partition = 0; partition < partitionCount; partition++) {
                Set<Integer> found = new HashSet<>();
                int row = rows.first(partition);
                while (row != PartitionRows.NONE) {
                    found.add(row);
                    rows.remove(row);
                    row = rows.first(partition);
                }
                assertThat(found)
                        .as("seed %d, partition %d", seed, partition)
                        .isEqualTo(model.getOrDefault(partition, Set.of()));
            }
        }
    }
}
