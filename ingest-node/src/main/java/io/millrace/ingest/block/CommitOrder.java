package io.millrace.ingest.block;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commit order of blocks: blocks that share a (connection, partition) pair commit in the order
 * of sealing, all others as soon as they are ready. Pure.
 *
 * <p>Only the last block of each pair is kept, because it waits for all predecessors. Pairs are
 * identified by a 64-bit hash; a collision makes a block wait unnecessarily.
 */
public final class CommitOrder {

    private static final int SMALLEST_TABLE = 256;

    private long[] keys = new long[SMALLEST_TABLE];
    private @Nullable Turn[] last = new @Nullable Turn[SMALLEST_TABLE];
    private int size;
    private int waiting;

    /** The position of a block in the order. */
    public static final class Turn {
        private final Runnable commit;
        private final List<Turn> followers = new ArrayList<>();
        private int predecessors;
        private boolean ready;
        private boolean failed;
        private boolean over;

        private Turn(Runnable commit) {
            this.commit = commit;
        }
    }

    /**
     * Appends a block to the order.
     *
     * @param commit the callback when the block is {@link #ready} and all predecessors are done
     */
    public Turn enter(Runnable commit) {
        waiting++;
        return new Turn(commit);
    }

    /**
     * Records that the block contains a batch of this connection and partition. Must precede {@link
     * #ready}.
     */
    public void holds(Turn turn, long connection, long topicId, int partition) {
        long key = mix(mix(connection) + mix(topicId) * 31 + partition);
        int slot = slotOf(key);
        Turn before = last[slot];
        if (before == turn) {
            return;
        }
        if (before == null) {
            size++;
        } else if (!before.over && !follows(before, turn)) {
            before.followers.add(turn);
            turn.predecessors++;
        }
        keys[slot] = key;
        last[slot] = turn;
        if (size > keys.length / 2) {
            rebuild();
        }
    }

    /** Marks the block as uploaded; commits the block now or after all predecessors. */
    public void ready(Turn turn) {
        turn.ready = true;
        commitIfItsTurn(turn);
    }

    /**
     * Marks the block as failed; the block is never committed. Successors still wait for
     * predecessors, because the failed block may be their only link.
     */
    public void failed(Turn turn) {
        turn.failed = true;
        ready(turn);
    }

    private void commitIfItsTurn(Turn turn) {
        if (turn.ready && !turn.over && turn.predecessors == 0) {
            turn.over = true;
            if (!turn.failed) {
                turn.commit.run();
            }
            release(turn);
        }
    }

    private void release(Turn turn) {
        waiting--;
        if (waiting == 0) {
            clear();
        }
        for (Turn follower : turn.followers) {
            follower.predecessors--;
            commitIfItsTurn(follower);
        }
    }

    /** Returns whether {@code turn} is the latest successor of {@code before}. */
    private static boolean follows(Turn before, Turn turn) {
        return !before.followers.isEmpty() && before.followers.getLast() == turn;
    }

    private int slotOf(long key) {
        int slot = (int) key & (keys.length - 1);
        while (last[slot] != null && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void rebuild() {
        long[] oldKeys = keys;
        @Nullable Turn[] oldLast = last;
        int live = 0;
        for (Turn turn : oldLast) {
            live += turn != null && !turn.over ? 1 : 0;
        }
        int capacity = Math.max(SMALLEST_TABLE, Integer.highestOneBit(live) * 8);
        keys = new long[capacity];
        last = new @Nullable Turn[capacity];
        size = live;
        for (int i = 0; i < oldLast.length; i++) {
            Turn turn = oldLast[i];
            if (turn != null && !turn.over) {
                int slot = slotOf(oldKeys[i]);
                keys[slot] = oldKeys[i];
                last[slot] = turn;
            }
        }
    }

    private void clear() {
        if (size > 0) {
            keys = new long[SMALLEST_TABLE];
            last = new @Nullable Turn[SMALLEST_TABLE];
            size = 0;
        }
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 32)) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }
}
