package io.millrace.metadata.state.producer;

import java.util.Arrays;

/**
 * The rows of each partition: a hash table with linear probing that finds one row of a partition,
 * and a list of its other rows. 8 to 16 bytes for each row, and 4 to 8 for each partition.
 */
final class PartitionRows {

    static final int NONE = -1;

    private int[] heads = newTable(64);
    private int headCount;
    private int[] next = new int[16];
    private int[] previous = new int[16];

    private static int[] newTable(int length) {
        int[] table = new int[length];
        Arrays.fill(table, NONE);
        return table;
    }

    private static int hash(long partition, int mask) {
        return (int) ((partition * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    }

    /** Returns the place of a partition's first row, or the free place for it. */
    private int find(long partition, long[] partitions) {
        int mask = heads.length - 1;
        int at = hash(partition, mask);
        while (heads[at] != NONE && partitions[heads[at]] != partition) {
            at = (at + 1) & mask;
        }
        return at;
    }

    /** Returns a row of a partition, or {@link #NONE}. */
    int first(long partition, long[] partitions) {
        return heads[find(partition, partitions)];
    }

    /**
     * Adds a row.
     *
     * @param partitions the partition of each row, this row included
     */
    void add(int row, long[] partitions) {
        if (row >= next.length) {
            next = Arrays.copyOf(next, partitions.length);
            previous = Arrays.copyOf(previous, partitions.length);
        }
        int at = find(partitions[row], partitions);
        int head = heads[at];
        next[row] = head;
        previous[row] = NONE;
        heads[at] = row;
        if (head != NONE) {
            previous[head] = row;
        } else if (++headCount * 2 > heads.length) {
            grow(partitions);
        }
    }

    private void grow(long[] partitions) {
        int[] before = heads;
        heads = newTable(before.length * 2);
        for (int head : before) {
            if (head != NONE) {
                heads[find(partitions[head], partitions)] = head;
            }
        }
    }

    void remove(int row, long[] partitions) {
        if (next[row] != NONE) {
            previous[next[row]] = previous[row];
        }
        if (previous[row] != NONE) {
            next[previous[row]] = next[row];
            return;
        }
        int at = find(partitions[row], partitions);
        heads[at] = next[row];
        if (heads[at] == NONE) {
            headCount--;
            closeGap(at, partitions);
        }
    }

    /** Moves later entries into a free place, so that probing needs no tombstones. */
    private void closeGap(int free, long[] partitions) {
        int mask = heads.length - 1;
        int gap = free;
        for (int at = (gap + 1) & mask; heads[at] != NONE; at = (at + 1) & mask) {
            int home = hash(partitions[heads[at]], mask);
            if (((at - home) & mask) >= ((at - gap) & mask)) {
                heads[gap] = heads[at];
                heads[at] = NONE;
                gap = at;
            }
        }
    }
}
