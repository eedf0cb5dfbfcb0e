package io.millrace.ingest.block;

import io.millrace.protocol.error.Problem;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch of a block and its pending acknowledgements: one for a ready-made batch, any number for a
 * packed batch. Owned by the node's event loop.
 */
public final class BlockBatch {

    private final PendingAck first;
    private @Nullable List<PendingAck> others;
    private byte[] array;
    private int at;
    private int sizeBytes;
    private @Nullable BatchTransform transform;
    private @Nullable Problem rejection;
    private @Nullable BlockBatch next;
    private int item;
    private int offsetInItem;

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

    void addAck(PendingAck waiter) {
        if (others == null) {
            others = new ArrayList<>();
        }
        others.add(waiter);
    }

    public PendingAck firstAck() {
        return first;
    }

    public List<PendingAck> otherAcks() {
        return others == null ? List.of() : others;
    }

    @Nullable BatchTransform transform() {
        return transform;
    }

    void setTransform(BatchTransform toDo) {
        transform = toDo;
    }

    void transformed(BatchTransform.Result result) {
        transform = null;
        switch (result) {
            case BatchTransform.Result.Done(var slice) -> {
                array = slice.array();
                at = slice.offset();
                sizeBytes = slice.length();
            }
            case BatchTransform.Result.Rejected(var problem) -> rejection = problem;
        }
    }

    /** Returns the reason why the batch must not be stored; null if there is none. */
    @Nullable
    public Problem rejection() {
        return rejection;
    }

    /** Returns the next batch of the partition; null for the last batch. */
    @Nullable
    public BlockBatch next() {
        return next;
    }

    void setNext(BlockBatch batch) {
        next = batch;
    }

    /** Sets the index of the batch's item and the offset within. */
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
