package io.millrace.metadata.state.producer;

import java.util.Arrays;

/** A hash table with linear probing that finds the row of a (producer, partition). */
final class ProducerIndex {

    private static final int EMPTY = -1;

    private int[] rows = newTable(64);

    private static int[] newTable(int length) {
        int[] table = new int[length];
        Arrays.fill(table, EMPTY);
        return table;
    }

    private static int hash(long producer, long partition, int mask) {
        long mixed = (producer * 0x9E3779B97F4A7C15L) ^ (partition * 0xBF58476D1CE4E5B9L);
        mixed = (mixed ^ (mixed >>> 32)) * 0x94D049BB133111EBL;
        return (int) (mixed >>> 32) & mask;
    }

    int find(long producer, long partition, long[] producers, long[] partitions) {
        int mask = rows.length - 1;
        int at = hash(producer, partition, mask);
        while (rows[at] != EMPTY) {
            int row = rows[at];
            if (producers[row] == producer && partitions[row] == partition) {
                return row;
            }
            at = (at + 1) & mask;
        }
        return EMPTY;
    }

    /**
     * Adds a missing row.
     *
     * @param count the number of rows, including this row
     */
    void put(int row, int count, long[] producers, long[] partitions) {
        if (count * 2 > rows.length) {
            int[] before = rows;
            rows = newTable(before.length * 2);
            for (int moved : before) {
                if (moved != EMPTY) {
                    place(moved, producers, partitions);
                }
            }
        }
        place(row, producers, partitions);
    }

    private void place(int row, long[] producers, long[] partitions) {
        int mask = rows.length - 1;
        int at = hash(producers[row], partitions[row], mask);
        while (rows[at] != EMPTY) {
            at = (at + 1) & mask;
        }
        rows[at] = row;
    }

    /** Removes an existing row and closes the gap, so that probing needs no tombstones. */
    void remove(int row, long[] producers, long[] partitions) {
        int mask = rows.length - 1;
        int gap = hash(producers[row], partitions[row], mask);
        while (rows[gap] != row) {
            gap = (gap + 1) & mask;
        }
        for (int at = (gap + 1) & mask; rows[at] != EMPTY; at = (at + 1) & mask) {
            int home = hash(producers[rows[at]], partitions[rows[at]], mask);
            boolean mayMove = ((at - home) & mask) >= ((at - gap) & mask);
            if (mayMove) {
                rows[gap] = rows[at];
                gap = at;
            }
        }
        rows[gap] = EMPTY;
    }
}
