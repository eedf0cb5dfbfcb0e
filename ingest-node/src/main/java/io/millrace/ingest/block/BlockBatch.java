package io.millrace.ingest.block;

import io.millrace.protocol.error.Problem;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch of a block, and those who wait for it: one for a ready-made batch, any number for one
 * that the node packs. Owned by the node's loop.
 */
public final class BlockBatch {

    private final PendingAck first;
    private @Nullable List<PendingAck> others;
    private byte[] array;
    private int at;
    private int sizeBytes;
    private @Nullable BatchTransform work;
    private @Nullable Problem rejection;
    private @Nullable BlockBatch next;
    private int item;
    private int offsetInItem;

    /** A batch that is stored as its bytes are, unless it gets {@link #setWork work}. */
    BlockBatch(PendingAck waiter, byte[] array, int at, int sizeBytes) {
        this.first = waiter;
        this.array = array;
        this.at = at;
        this.sizeBytes = sizeBytes;
    }

    byte[] array() {
        return array;
    }

    int at() {
        return at;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    Slice slice() {
        return new Slice(array, at, sizeBytes);
    }

    void addWaiter(PendingAck waiter) {
        if (others == null) {
            others = new ArrayList<>();
        }
        others.add(waiter);
    }

    public PendingAck firstWaiter() {
        return first;
    }

    public List<PendingAck> otherWaiters() {
        return others == null ? List.of() : others;
    }

    @Nullable BatchTransform work() {
        return work;
    }

    void setWork(BatchTransform toDo) {
        work = toDo;
    }

    /** Takes over what came of the work. */
    void worked(BatchTransform.Result result) {
        work = null;
        switch (result) {
            case BatchTransform.Result.Done(var slice) -> {
                array = slice.array();
                at = slice.offset();
                sizeBytes = slice.length();
            }
            case BatchTransform.Result.Rejected(var problem) -> rejection = problem;
        }
    }

    /** Why it must not be stored; null if nothing speaks against it. */
    @Nullable
    public Problem rejection() {
        return rejection;
    }

    /** The one behind it in its partition; null for the last one. */
    @Nullable
    public BlockBatch next() {
        return next;
    }

    void setNext(BlockBatch batch) {
        next = batch;
    }

    /** Where its outcome will be found: in which item, how many offsets from that one's first. */
    void placeInItem(int itemIndex, int offset) {
        item = itemIndex;
        offsetInItem = offset;
    }

    public int item() {
        return item;
    }

    public int offsetInItem() {
        return offsetInItem;
    }
}
