package io.millrace.ingest.block;

import io.millrace.metadata.command.BatchItem;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A block from sealing until all producers are answered. Owned by the node's event loop. */
public final class SealedBlock {

    /** The progress of a block. */
    public enum Stage {
        /** The batches are transformed, or the block waits for an upload slot. */
        WAITING,
        UPLOADING,
        /** The block is in the bucket and waits for earlier commits. */
        UPLOADED,
        /** The command was proposed; from now on the outcome may be unknown. */
        PROPOSED,
        /** All producers have a reply. */
        ANSWERED
    }

    /** The stream object and its items for the log. */
    public record Layout(SealedObject object, List<BatchItem> items) {}

    private final ObjectId id;
    private final OpenBlock content;
    private final long sealedNanos;
    private final long appendTimeMs;
    private Stage stage = Stage.WAITING;
    private CommitOrder.@Nullable CommitSlot commitSlot;
    private EventLoop.@Nullable Timer deadline;
    private @Nullable Layout layout;
    private long uploadBeganNanos;
    private long uploadedNanos;
    private long proposedNanos;

    public SealedBlock(ObjectId id, OpenBlock content, long sealedNanos, long appendTimeMs) {
        this.id = id;
        this.content = content;
        this.sealedNanos = sealedNanos;
        this.appendTimeMs = appendTimeMs;
    }

    public ObjectId id() {
        return id;
    }

    public List<PartitionRun> runs() {
        return content.runs();
    }

    public int batches() {
        return content.batches();
    }

    public boolean needsTransform() {
        return content.needsTransform();
    }

    public long memoryBytes() {
        return content.memoryBytes();
    }

    public long sealedNanos() {
        return sealedNanos;
    }

    public long appendTimeMs() {
        return appendTimeMs;
    }

    public Stage stage() {
        return stage;
    }

    public void setStage(Stage next) {
        stage = next;
    }

    public CommitOrder.@Nullable CommitSlot commitSlot() {
        return commitSlot;
    }

    public void setCommitSlot(CommitOrder.CommitSlot itsTurn) {
        commitSlot = itsTurn;
    }

    public void setDeadline(EventLoop.Timer timer) {
        deadline = timer;
    }

    public void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    public void setLayout(Layout laidOut) {
        layout = laidOut;
    }

    public Layout layout() {
        Layout known = layout;
        if (known == null) {
            throw new IllegalStateException(id + " is not laid out yet");
        }
        return known;
    }

    public ObjectRef ref() {
        return layout().object().ref();
    }

    public void uploadedAt(long nanos) {
        uploadedNanos = nanos;
    }

    public long uploadedNanos() {
        return uploadedNanos;
    }

    public void uploadBeganAt(long nanos) {
        uploadBeganNanos = nanos;
    }

    /** Returns the time at which the block had an upload slot; valid from UPLOADING on. */
    public long uploadBeganNanos() {
        return uploadBeganNanos;
    }

    public void proposedAt(long nanos) {
        proposedNanos = nanos;
    }

    /** Returns the time at which the command was proposed; valid from PROPOSED on. */
    public long proposedNanos() {
        return proposedNanos;
    }
}
