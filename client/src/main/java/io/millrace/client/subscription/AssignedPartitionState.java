package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FetchedBytes;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * State of one assigned partition: buffered batches, handled and committed offsets, progress of its
 * revocation. Decisions across partitions are made in {@link AssignedPartitionStates}. Owner: the
 * I/O thread.
 */
final class AssignedPartitionState {

    /** Stage between assignment and release. */
    enum Stage {
        /** The listener is being notified of the assignment. */
        NEW,
        /** Records are being delivered. */
        OPEN,
        /** No new handler run is started; a running handler may finish. */
        DRAINING,
        /** The listener is being notified of the revocation. */
        NOTIFYING,
        /** The final commits are in flight. */
        COMMITTING
    }

    private static final int MAX_CORRUPT_RETRIES = 3;

    final TopicPartition id;
    Stage stage = Stage.NEW;

    /**
     * True if the partition is to be released, because the group revokes it or the subscription
     * closes.
     */
    boolean releasing;

    /** True if the group revokes the partition and waits for its release. */
    boolean revoked;

    /** True if the node of the current stream has confirmed the assignment. */
    private boolean confirmed = true;

    boolean paused;

    /**
     * True if the partition was paused because of a slow handler, to leave buffer space to other
     * partitions.
     */
    boolean throttled;

    @Nullable Long retryAtNanos;

    /**
     * The failure that stopped the partition; reported to the listener once all earlier records are
     * handled.
     */
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

    AssignedPartitionState(Assignment assignment) {
        this.id = assignment.partition();
        this.received = assignment.offset();
        this.handled = assignment.offset();
        this.sentTo = assignment.offset();
        this.positionKnown = assignment.offset() >= 0;
        this.assignment = assignment;
    }

    /**
     * Accounts for received batches. Returns the cost in record credit, even for discarded batches.
     */
    long creditCost(ByteBuffer bytes, long end) {
        long records = FetchedBytes.recordsFrom(bytes, sentTo);
        sentTo = end;
        return records;
    }

    /**
     * Buffers received batches.
     *
     * @return the buffered batches; null if discarded, because they precede a seek, are duplicates
     *     or are not wanted
     */
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
        heldBytes += chunk.sizeBytes();
        return chunk;
    }

    boolean isConfirmed() {
        return confirmed;
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

    HandlerRun begin(boolean countsBefore) {
        HandlerRun begun = new HandlerRun(id, queue.remove(), countsBefore);
        run = begun;
        return begun;
    }

    /**
     * Ends a handler run. Returns whether this was the current run, so that its position counts.
     */
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

    /** Records a batch damaged in transit. Returns whether a retry is allowed. */
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

    /**
     * Moves to a new position after {@link #drop}, regardless of the progress of a running handler.
     */
    void moveTo(StartPosition place) {
        HandlerRun current = run;
        if (current != null) {
            heldBytes -= current.batches().sizeBytes();
            run = null;
        }
        positionKnown = true;
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

    /** Returns whether a message was sent before the node had processed the latest seek. */
    boolean isOutdated(int seeks) {
        return seeks < seeksSent;
    }

    /**
     * Records the node's new position, after a seek or after retention removed records.
     *
     * @param seeks the number of this partition's seeks that the node had processed
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

    /**
     * Records that the node of a new stream has confirmed the assignment and sends from {@code
     * position}.
     */
    void confirmed(long position) {
        confirmed = true;
        sentTo = position;
        if (!positionKnown && position >= 0) {
            positionKnown = true;
            received = position;
            handled = position;
        }
    }

    /** Returns whether the position is known, so that a seek can be sent. */
    boolean isPositionKnown() {
        return positionKnown;
    }

    /**
     * Resets the state of the stream, which is lost together with the responses to earlier
     * requests.
     */
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

    /** Returns the offset to be committed. The start position keeps its committed metadata. */
    CommitLedger.CommitOffset offsetToCommit() {
        long offset = position().orElseThrow();
        boolean first = committed < 0 && offset == assignment.offset();
        return new CommitLedger.CommitOffset(offset, first ? assignment.metadata() : "");
    }

    /** Returns the committed offset; negative if unknown. */
    long committed() {
        return committed;
    }

    void committed(long offset) {
        committed = offset;
    }
}
