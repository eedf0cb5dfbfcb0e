package io.millrace.metadata.state.producer;

import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * The rows of each partition: a hash table with linear probing that finds one row of a partition,
 * and a list of its other rows. 8 to 16 bytes for each row, and 4 to 8 for each partition.
 */
final class PartitionRows {

    static final int NONE = ProducerRows.NONE;

    private final IntToLongFunction partitionOf;
    private int[] heads = newTable(64);
    private int headCount;
    private int[] next = new int[16];
    private int[] previous = new int[16];

    /**
     * @param partitionOf the partition of a row, which must be unchanged until the row is removed
     */
    PartitionRows(IntToLongFunction partitionOf) {
        this.partitionOf = partitionOf;
    }

    private static int[] newTable(int length) {
        int[] table = new int[length];
        Arrays.fill(table, NONE);
        return table;
    }

    private static int hash(long partition, int mask) {
        return (int) ((partition * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    }

    /** Returns the place of a partition's first row, or the free place for it. */
    private int find(long partition) {
        int mask = heads.length - 1;
        int at = hash(partition, mask);
        while (heads[at] != NONE && partitionOf.applyAsLong(heads[at]) != partition) {
            at = (at + 1) & mask;
        }
        return at;
    }

    /** Returns a row of a partition, or {@link #NONE}. */
    int first(long partition) {
        return heads[find(partition)];
    }

    /** Returns another row of the same partition, or {@link #NONE}. */
    int next(int row) {
        return next[row];
    }

    void add(int row) {
        if (row >= next.length) {
            int length = row + 16 + (row >> 1);
            next = Arrays.copyOf(next, length);
            previous = Arrays.copyOf(previous, length);
        }
        int at = find(partitionOf.applyAsLong(row));
        int head = heads[at];
        next[row] = head;
        previous[row] = NONE;
        heads[at] = row;
        if (head != NONE) {
            previous[head] = row;
        } else if (++headCount * 2 > heads.length) {
            grow();
        }
    }

    private void grow() {
        int[] before = heads;
        heads = newTable(before.length * 2);
        for (int head : before) {
            if (head != NONE) {
                heads[find(partitionOf.applyAsLong(head))] = head;
            }
        }
    }

    void remove(int row) {
        if (next[row] != NONE) {
            previous[next[row]] = previous[row];
        }
        if (previous[row] != NONE) {
            next[previous[row]] = next[row];
            return;
        }
        int at = find(partitionOf.applyAsLong(row));
        heads[at] = next[row];
        if (heads[at] == NONE) {
            headCount--;
            closeGap(at);
        }
    }

    /** Moves later entries into a free place, so that probing needs no tombstones. */
    private void closeGap(int free) {
        int mask = heads.length - 1;
        int gap = free;
        for (int at = (gap + 1) & mask; heads[at] != NONE; at = (at + 1) & mask) {
            int home = hash(partitionOf.applyAsLong(heads[at]), mask);
            if (((at - home) & mask) >= ((at - gap) & mask)) {
                heads[gap] = heads[at];
                heads[at] = NONE;
                gap = at;
            }
        }
    }
}
