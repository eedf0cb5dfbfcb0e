package io.millrace.ingest.block;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commit order of blocks: blocks that share a (connection, partition) pair commit in the order
 * of sealing, other blocks as soon as ready. Pure.
 *
 * <p>Only the last block of each pair is kept, because it waits for all predecessors. A collision
 * of two pairs' 64-bit hashes makes a block wait unnecessarily.
 */
public final class CommitOrder {

    private static final int MIN_TABLE_SIZE = 256;

    private long[] keys = new long[MIN_TABLE_SIZE];
    private @Nullable CommitSlot[] last = new @Nullable CommitSlot[MIN_TABLE_SIZE];
    private int size;
    private int waiting;

    /** The position of a block in the order. */
    public static final class CommitSlot {
        private final Runnable commit;
        private final List<CommitSlot> followers = new ArrayList<>();
        private int predecessors;
        private boolean ready;
        private boolean failed;
        private boolean done;

        private CommitSlot(Runnable commit) {
            this.commit = commit;
        }
    }

    /**
     * @param commit runs when the block is {@link #ready} and all predecessors are done
     */
    public CommitSlot register(Runnable commit) {
        waiting++;
        return new CommitSlot(commit);
    }

    /** Records that the block has a batch of this pair. Must precede {@link #ready}. */
    public void addDependency(CommitSlot slot, long connection, long topicId, int partition) {
        long key = mix(mix(connection) + mix(topicId) * 31 + partition);
        int index = indexOf(key);
        CommitSlot predecessor = last[index];
        if (predecessor == slot) {
            return;
        }
        if (predecessor == null) {
            size++;
        } else if (!predecessor.done && !follows(predecessor, slot)) {
            predecessor.followers.add(slot);
            slot.predecessors++;
        }
        keys[index] = key;
        last[index] = slot;
        if (size > keys.length / 2) {
            rebuild();
        }
    }

    /** Marks the block as uploaded; commits it now or after all predecessors. */
    public void ready(CommitSlot slot) {
        slot.ready = true;
        commitIfReady(slot);
    }

    /**
     * Marks the block as failed. Successors still wait for predecessors, because the failed block
     * may be their only link.
     */
    public void failed(CommitSlot slot) {
        slot.failed = true;
        ready(slot);
    }

    private void commitIfReady(CommitSlot slot) {
        if (slot.ready && !slot.done && slot.predecessors == 0) {
            slot.done = true;
            if (!slot.failed) {
                slot.commit.run();
            }
            release(slot);
        }
    }

    private void release(CommitSlot slot) {
        waiting--;
        if (waiting == 0) {
            clear();
        }
        for (CommitSlot follower : slot.followers) {
            follower.predecessors--;
            commitIfReady(follower);
        }
    }

    private static boolean follows(CommitSlot predecessor, CommitSlot slot) {
        return !predecessor.followers.isEmpty() && predecessor.followers.getLast() == slot;
    }

    private int indexOf(long key) {
        int index = (int) key & (keys.length - 1);
        while (last[index] != null && keys[index] != key) {
            index = (index + 1) & (keys.length - 1);
        }
        return index;
    }

    private void rebuild() {
        long[] oldKeys = keys;
        @Nullable CommitSlot[] oldLast = last;
        int live = 0;
        for (CommitSlot slot : oldLast) {
            live += slot != null && !slot.done ? 1 : 0;
        }
        int capacity = Math.max(MIN_TABLE_SIZE, Integer.highestOneBit(live) * 8);
        keys = new long[capacity];
        last = new @Nullable CommitSlot[capacity];
        size = live;
        for (int i = 0; i < oldLast.length; i++) {
            CommitSlot slot = oldLast[i];
            if (slot != null && !slot.done) {
                int index = indexOf(oldKeys[i]);
                keys[index] = oldKeys[i];
                last[index] = slot;
            }
        }
    }

    private void clear() {
        if (size > 0) {
            keys = new long[MIN_TABLE_SIZE];
            last = new @Nullable CommitSlot[MIN_TABLE_SIZE];
            size = 0;
        }
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 32)) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }
}
