package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FetchedBytes;
import io.millrace.client.record.UndecodablePolicy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The state of an assigned partition, from assignment to release. Owner: the I/O thread. */
final class AssignedPartitionState {

    enum Stage {
        /** The listener is being notified of the assignment. */
        NEW,
        OPEN,
        /** No handler run is started; a running handler may finish. */
        DRAINING,
        /** The listener is being notified of the revocation. */
        NOTIFYING,
        /** The final commits are in flight. */
        COMMITTING
    }

    private static final int MAX_CORRUPT_RETRIES = 3;

    final TopicPartition id;
    Stage stage = Stage.NEW;

    /** True if the group revokes the partition or the subscription closes. */
    boolean releasing;

    /** True if the group waits for the release. */
    boolean revoked;

    /** True if the node of the current stream has confirmed the assignment. */
    private boolean confirmed = true;

    boolean paused;

    /** True if paused because of a slow handler, to leave buffer space to other partitions. */
    boolean throttled;

    @Nullable Long retryAtNanos;

    /** The failure that stopped the partition; reported once all earlier records are handled. */
    @Nullable MillraceException failure;

    private final Assignment assignment;
    private final ArrayDeque<ReceivedBatches> queue = new ArrayDeque<>();
    private @Nullable HandlerRun run;
    private long heldBytes;
    private long sentTo;
    private long received;
    private long handled;
    private long committed = -1;
    private @Nullable StartPosition seekPosition;
    private boolean positionKnown;
    private int seeksSent;
    private boolean seekUnanswered;
    private boolean mustSeek;
    private int consecutiveCorruptions;
    private @Nullable ReadProblem readProblem;

    /** A retriable failure of the node's reads, at the time of its last report. */
    record ReadProblem(String message, long nanos) {}

    AssignedPartitionState(Assignment assignment) {
        this.id = assignment.partition();
        this.received = assignment.offset();
        this.handled = assignment.offset();
        this.sentTo = assignment.offset();
        this.positionKnown = assignment.offset() >= 0;
        this.assignment = assignment;
    }

    /** Returns the record credit used by received batches, even if discarded. */
    long creditCost(ByteBuffer bytes, long end) {
        long records = FetchedBytes.recordsFrom(bytes, sentTo);
        sentTo = end;
        return records;
    }

    /** Buffers received batches. Returns null for duplicates and unwanted batches. */
    @Nullable ReceivedBatches buffer(ByteBuffer bytes, long end, long records, long highWatermark) {
        if (seekUnanswered
                || mustSeek
                || paused
                || releasing
                || !positionKnown
                || end <= received) {
            return null;
        }
        ReceivedBatches chunk = new ReceivedBatches(bytes, received, end, records, highWatermark);
        received = end;
        queue.add(chunk);
        readProblem = null;
        heldBytes += chunk.sizeBytes();
        return chunk;
    }

    void readFailed(String message, long nowNanos) {
        readProblem = new ReadProblem(message, nowNanos);
    }

    /** Returns the last retriable failure; null after a success or a seek of the application. */
    @Nullable ReadProblem readProblem() {
        return readProblem;
    }

    boolean isConfirmed() {
        return confirmed;
    }

    long topicId() {
        return assignment.topicId();
    }

    long received() {
        return received;
    }

    long heldBytes() {
        return heldBytes;
    }

    @Nullable ReceivedBatches next() {
        return queue.peek();
    }

    HandlerRun begin(boolean countsBefore, UndecodablePolicy policy) {
        HandlerRun begun = new HandlerRun(id, queue.remove(), countsBefore, policy);
        run = begun;
        return begun;
    }

    /** Returns whether the run was the current run, so that its position counts. */
    boolean ended(HandlerRun which) {
        if (which != run) {
            return false;
        }
        heldBytes -= which.batches().sizeBytes();
        if (which.position() > which.batches().wanted()) {
            consecutiveCorruptions = 0;
        }
        handled = which.position();
        run = null;
        return true;
    }

    /** Returns whether a retry of a damaged batch is allowed. */
    boolean damaged() {
        return ++consecutiveCorruptions <= MAX_CORRUPT_RETRIES;
    }

    /** Drops the buffered batches, and stops the running handler after its current batch. */
    Iterable<ReceivedBatches> drop() {
        ArrayDeque<ReceivedBatches> dropped = new ArrayDeque<>(queue);
        dropped.forEach(chunk -> heldBytes -= chunk.sizeBytes());
        queue.clear();
        HandlerRun current = run;
        if (current != null) {
            current.stop();
        }
        mustSeek = true;
        failure = null;
        return dropped;
    }

    /** Moves to a new position after {@link #drop}, regardless of a running handler. */
    void moveTo(StartPosition place) {
        HandlerRun current = run;
        if (current != null) {
            heldBytes -= current.batches().sizeBytes();
            run = null;
        }
        positionKnown = true;
        readProblem = null;
        if (place instanceof StartPosition.Offset(long offset)) {
            seekPosition = null;
            handled = offset;
        } else {
            seekPosition = place;
        }
    }

    /** Returns whether a seek must be sent before useful batches can arrive. */
    boolean mustSeek() {
        return mustSeek;
    }

    /** Returns the position of the pending seek, which the caller sends now. */
    StartPosition takeSeek() {
        mustSeek = false;
        seekSent();
        StartPosition place = seekPosition;
        if (place != null) {
            return place;
        }
        received = handled;
        return StartPosition.offset(handled);
    }

    /**
     * Returns the position after the batches of earlier streams, which the caller sends as a seek
     * now.
     */
    StartPosition takeResumeSeek() {
        seekSent();
        return StartPosition.offset(received);
    }

    private void seekSent() {
        seeksSent++;
        seekUnanswered = true;
    }

    /** Returns whether a message was sent before the node processed the latest seek. */
    boolean isOutdated(int seeks) {
        return seeks < seeksSent;
    }

    /**
     * Records the node's new position, after a seek or after retention removed records.
     *
     * @param seeks the number of the partition's seeks that the node had processed
     */
    void positioned(long position, int seeks) {
        sentTo = position;
        if (isOutdated(seeks)) {
            return;
        }
        seekUnanswered = false;
        if (mustSeek) {
            return;
        }
        positionKnown = true;
        seekPosition = null;
        received = position;
        if (queue.isEmpty() && run == null) {
            handled = position;
        }
    }

    void confirmed(long position) {
        confirmed = true;
        sentTo = position;
        if (!positionKnown && position >= 0) {
            positionKnown = true;
            received = position;
            handled = position;
        }
    }

    boolean isPositionKnown() {
        return positionKnown;
    }

    void streamLost() {
        confirmed = false;
        seeksSent = 0;
        seekUnanswered = false;
        if (seekPosition != null) {
            mustSeek = true;
        }
    }

    /**
     * Returns the offset after the last handled record; empty while the node looks up the position.
     */
    OptionalLong position() {
        if (seekPosition != null || !positionKnown) {
            return OptionalLong.empty();
        }
        HandlerRun current = run;
        return OptionalLong.of(current == null ? handled : current.position());
    }

    boolean needsCommit() {
        OptionalLong position = position();
        return position.isPresent() && position.getAsLong() != committed;
    }

    /** Returns the offset to be committed; the start position keeps its committed metadata. */
    CommitLedger.CommitOffset offsetToCommit() {
        long offset = position().orElseThrow();
        boolean first = committed < 0 && offset == assignment.offset();
        return new CommitLedger.CommitOffset(offset, first ? assignment.metadata() : "");
    }

    long committed() {
        return committed;
    }

    void committed(long offset) {
        committed = offset;
    }
}
