package io.millrace.metadata.state.producer;

import java.util.Arrays;

/**
 * A hash table that finds the row of a (producer, partition). Divided into segments that grow on
 * their own, so that no change moves all rows.
 */
final class ProducerIndex {

    private static final int EMPTY = ProducerRows.NONE;
    private static final int SEGMENT_BITS = 8;
    private static final int FIRST_LENGTH = 4;

    private final ProducerRows rows;
    private final Segment[] segments = new Segment[1 << SEGMENT_BITS];

    ProducerIndex(ProducerRows rows) {
        this.rows = rows;
        Arrays.setAll(segments, i -> new Segment());
    }

    private static long hash(long producer, long partition) {
        long mixed = (producer * 0x9E3779B97F4A7C15L) ^ (partition * 0xBF58476D1CE4E5B9L);
        mixed = (mixed ^ (mixed >>> 32)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 29);
    }

    private long hash(int row) {
        return hash(rows.producer(row), rows.partition(row));
    }

    private Segment segment(long hash) {
        return segments[(int) (hash >>> (Long.SIZE - SEGMENT_BITS))];
    }

    /** Returns the row; {@link ProducerRows#NONE} if there is none. */
    int find(long producer, long partition) {
        long hash = hash(producer, partition);
        return segment(hash).find(hash, producer, partition);
    }

    /** Adds a missing row. */
    void put(int row) {
        long hash = hash(row);
        segment(hash).put(row, hash);
    }

    /** Removes an existing row. */
    void remove(int row) {
        long hash = hash(row);
        segment(hash).remove(row, hash);
    }

    /** A table with linear probing. */
    private final class Segment {

        private int[] table = new int[0];
        private int count;

        private int slot(long hash) {
            return (int) (hash >>> 16) & (table.length - 1);
        }

        private int next(int at) {
            return (at + 1) & (table.length - 1);
        }

        int find(long hash, long producer, long partition) {
            if (count == 0) {
                return EMPTY;
            }
            for (int at = slot(hash); table[at] != EMPTY; at = next(at)) {
                int row = table[at];
                if (rows.producer(row) == producer && rows.partition(row) == partition) {
                    return row;
                }
            }
            return EMPTY;
        }

        void put(int row, long hash) {
            if (++count * 2 > table.length) {
                int[] before = table;
                table = new int[Math.max(FIRST_LENGTH, before.length * 2)];
                Arrays.fill(table, EMPTY);
                for (int moved : before) {
                    if (moved != EMPTY) {
                        place(moved, hash(moved));
                    }
                }
            }
            place(row, hash);
        }

        private void place(int row, long hash) {
            int at = slot(hash);
            while (table[at] != EMPTY) {
                at = next(at);
            }
            table[at] = row;
        }

        /** Closes the gap, so that probing needs no tombstones. */
        void remove(int row, long hash) {
            count--;
            int gap = slot(hash);
            while (table[gap] != row) {
                gap = next(gap);
            }
            int mask = table.length - 1;
            for (int at = next(gap); table[at] != EMPTY; at = next(at)) {
                int home = slot(hash(table[at]));
                boolean mayMove = ((at - home) & mask) >= ((at - gap) & mask);
                if (mayMove) {
                    table[gap] = table[at];
                    gap = at;
                }
            }
            table[gap] = EMPTY;
        }
    }
}
