package io.millrace.ingest;

import io.millrace.metadata.command.BatchItem;
import io.millrace.runtime.loop.Loop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A block on its way from its sealing to its producers' answers. Owned by the node's loop. */
final class SealedBlock {

    /** How far a block is. */
    enum Stage {
        /** Its batches are worked on, or it waits for an upload to end. */
        WAITING,
        UPLOADING,
        /** It is in the bucket and waits for its turn. */
        UPLOADED,
        /** Its command was proposed: from now on its outcome may be unknown. */
        PROPOSED,
        /** Everybody has an answer. */
        ANSWERED
    }

    /** Its stream object, and the items that name it. */
    record Laid(SealedObject object, List<BatchItem> items) {}

    private final ObjectId id;
    private final OpenBlock content;
    private final long sealedNanos;
    private final long appendTimeMs;
    private Stage stage = Stage.WAITING;
    private CommitOrder.@Nullable Turn turn;
    private Loop.@Nullable Timer deadline;
    private @Nullable Laid laid;
    private long uploadedNanos;

    SealedBlock(ObjectId id, OpenBlock content, long sealedNanos, long appendTimeMs) {
        this.id = id;
        this.content = content;
        this.sealedNanos = sealedNanos;
        this.appendTimeMs = appendTimeMs;
    }

    ObjectId id() {
        return id;
    }

    List<PartitionRun> runs() {
        return content.runs();
    }

    int batches() {
        return content.batches();
    }

    boolean hasWork() {
        return content.hasWork();
    }

    long memoryBytes() {
        return content.memoryBytes();
    }

    long sealedNanos() {
        return sealedNanos;
    }

    /** Milliseconds since 1970. */
    long appendTimeMs() {
        return appendTimeMs;
    }

    Stage stage() {
        return stage;
    }

    void moveTo(Stage next) {
        stage = next;
    }

    CommitOrder.@Nullable Turn turn() {
        return turn;
    }

    void setTurn(CommitOrder.Turn itsTurn) {
        turn = itsTurn;
    }

    /** Fails the block unless it is in the bucket before. */
    void setDeadline(Loop.Timer timer) {
        deadline = timer;
    }

    void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    void setLaid(Laid laidOut) {
        laid = laidOut;
    }

    Laid laid() {
        Laid known = laid;
        if (known == null) {
            throw new IllegalStateException(id + " is not laid out yet");
        }
        return known;
    }

    ObjectRef ref() {
        return laid().object().ref();
    }

    void uploadedAt(long nanos) {
        uploadedNanos = nanos;
    }

    long uploadedNanos() {
        return uploadedNanos;
    }
}
