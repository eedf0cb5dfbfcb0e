package io.millrace.ingest.block;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order in which blocks may be committed: those that share a (connection, partition) in the
 * order of their sealing, others as they come. Pure.
 *
 * <p>For each pair only the last block that has it is remembered, since that one waits for those
 * before it. Pairs are told apart by a hash of 64 bits: if two should collide, a block waits for
 * another one that it need not have waited for.
 */
public final class CommitOrder {

    private static final int SMALLEST_TABLE = 256;

    private long[] keys = new long[SMALLEST_TABLE];
    private @Nullable Turn[] last = new @Nullable Turn[SMALLEST_TABLE];
    private int size;
    private int waiting;

    /** A block's place in the order. */
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
     * Gives a place behind all blocks that have one.
     *
     * @param commit called when it is the block's turn and it is {@link #ready}
     */
    public Turn enter(Runnable commit) {
        waiting++;
        return new Turn(commit);
    }

    /** The block holds a batch of this connection and partition. Before it is ready. */
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

    /** The block is in the bucket: commits it, now or when it is its turn. */
    public void ready(Turn turn) {
        turn.ready = true;
        commitIfItsTurn(turn);
    }

    /**
     * The block failed: it is never committed. Those behind it wait for those before it all the
     * same, since they may know of these through it alone.
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

    /** Whether the turn was the last one to be put behind the other. */
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
