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
 * A partition that a subscription holds: what came of it, how far it was handled and committed, and
 * how it goes away. Decides nothing that concerns other partitions; that is {@link
 * AssignedPartitionStates}'s. Owner: the I/O thread.
 */
final class AssignedPartitionState {

    /** How far it is on its way from being assigned to being given up. */
    enum Stage {
        /** The listener is being told. */
        NEW,
        /** It is worked on. */
        OPEN,
        /** Nothing is begun any more; the handler that runs may finish. */
        DRAINING,
        /** The listener is being told that it goes. */
        REPORTING,
        /** Its last commits are on their way. */
        SETTLING
    }

    private static final int DAMAGES_BORNE = 3;

    final TopicPartition id;
    Stage stage = Stage.NEW;

    /** It is to be given up; since the group wants it, or since the subscription ends. */
    boolean goes;

    /** It is the group that wants it, and waits to hear that it is given up. */
    boolean revoked;

    /** The node at the other end knows that it is this subscription's. */
    private boolean confirmed = true;

    /** The user stopped it. */
    boolean paused;

    /** It was stopped since its handler is slow, so that others have room. */
    boolean heldBack;

    /** When something is tried again; null if nothing is. */
    @Nullable Long retryAtNanos;

    /** Why nothing more comes; the listener is told once all before is handled. */
    @Nullable MillraceException failure;

    private final Assignment assignment;
    private final ArrayDeque<ReceivedBatches> queue = new ArrayDeque<>();
    private @Nullable HandlerRun run;
    private long heldBytes;
    private long sentTo;
    private long received;
    private long handled;
    private long committed = -1;
    private @Nullable StartPosition soughtPlace;
    private boolean placed;
    private int seeksSent;
    private boolean seekUnanswered;
    private boolean mustSeek;
    private int damagesInARow;

    AssignedPartitionState(Assignment assignment) {
        this.id = assignment.partition();
        this.received = assignment.offset();
        this.handled = assignment.offset();
        this.sentTo = assignment.offset();
        this.placed = assignment.offset() >= 0;
        this.assignment = assignment;
    }

    /** Batches came; returns what they cost of the credit for records, wanted or not. */
    long cost(ByteBuffer bytes, long end) {
        long records = FetchedBytes.recordsFrom(bytes, sentTo);
        sentTo = end;
        return records;
    }

    /**
     * Takes what came.
     *
     * @return null if it is of no use: it was sent before a seek, is nothing new, or is not wanted
     */
    @Nullable ReceivedBatches take(ByteBuffer bytes, long end, long records, long highWatermark) {
        if (seekUnanswered || mustSeek || paused || goes || !placed || end <= received) {
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

    /** Offset behind all that came. */
    long received() {
        return received;
    }

    /** Bytes that wait for the handler or are with it. */
    long heldBytes() {
        return heldBytes;
    }

    /** The next to hand over; null if there is none. */
    @Nullable ReceivedBatches next() {
        return queue.peek();
    }

    /** Takes the next to hand it over. */
    HandlerRun begin(boolean countsBefore) {
        HandlerRun begun = new HandlerRun(id, queue.remove(), countsBefore);
        run = begun;
        return begun;
    }

    /** A run of it has ended. Returns whether that was the current one, whose position counts. */
    boolean ended(HandlerRun which) {
        if (which != run) {
            return false;
        }
        heldBytes -= which.chunk().sizeBytes();
        if (which.position() > which.chunk().wanted()) {
            damagesInARow = 0;
        }
        handled = which.position();
        run = null;
        return true;
    }

    /** Says that a batch was damaged on its way. Returns whether another try is of use. */
    boolean damaged() {
        return ++damagesInARow <= DAMAGES_BORNE;
    }

    /** Drops what waits, and lets the handler that runs finish no more than its batch. */
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

    /** Goes on elsewhere: after {@link #drop}, whatever the handler that runs has done by then. */
    void goTo(StartPosition place) {
        HandlerRun current = run;
        if (current != null) {
            heldBytes -= current.chunk().sizeBytes();
            run = null;
        }
        placed = true;
        if (place instanceof StartPosition.Offset(long offset)) {
            soughtPlace = null;
            handled = offset;
        } else {
            soughtPlace = place;
        }
    }

    /** Whether the node has to be told where to go on before anything useful comes. */
    boolean mustSeek() {
        return mustSeek;
    }

    /** Where to go on; it is told now. */
    StartPosition seek() {
        mustSeek = false;
        seekSent();
        StartPosition place = soughtPlace;
        if (place != null) {
            return place;
        }
        received = handled;
        return StartPosition.offset(handled);
    }

    /** Where to go on after what came on an earlier stream; it is told now. */
    StartPosition seekOn() {
        seekSent();
        return StartPosition.offset(received);
    }

    private void seekSent() {
        seeksSent++;
        seekUnanswered = true;
    }

    /** Whether what the node says was said before it had read the last seek. */
    boolean isOutdated(int seeks) {
        return seeks < seeksSent;
    }

    /**
     * The node goes on there: as it was told, or since what was to be read next is gone.
     *
     * @param seeks how many of this partition it had read
     */
    void sought(long position, int seeks) {
        sentTo = position;
        if (isOutdated(seeks)) {
            return;
        }
        seekUnanswered = false;
        if (mustSeek) {
            return;
        }
        placed = true;
        soughtPlace = null;
        received = position;
        if (queue.isEmpty() && run == null) {
            handled = position;
        }
    }

    /** The node at the other end of a new stream knows it, and is about to send from there. */
    void confirmed(long position) {
        confirmed = true;
        sentTo = position;
        if (!placed && position >= 0) {
            placed = true;
            received = position;
            handled = position;
        }
    }

    /** Whether it is known where it goes on, so that the node can be told. */
    boolean isPlaced() {
        return placed;
    }

    /** The stream is gone, with the answers to what was asked on it. */
    void lineDown() {
        confirmed = false;
        seeksSent = 0;
        seekUnanswered = false;
        if (soughtPlace != null) {
            mustSeek = true;
        }
    }

    /** Offset behind what is handled; empty while the node looks for the place. */
    OptionalLong position() {
        if (soughtPlace != null || !placed) {
            return OptionalLong.empty();
        }
        HandlerRun current = run;
        return OptionalLong.of(current == null ? handled : current.position());
    }

    /** Whether its position is known and is not what is committed. */
    boolean needsCommit() {
        OptionalLong position = position();
        return position.isPresent() && position.getAsLong() != committed;
    }

    /** What is to be committed; what stood beside the first position stays there. */
    CommitLedger.Mark mark() {
        long offset = position().orElseThrow();
        boolean first = committed < 0 && offset == assignment.offset();
        return new CommitLedger.Mark(offset, first ? assignment.metadata() : "");
    }

    /** What the group has; negative if that is not known. */
    long committed() {
        return committed;
    }

    void committed(long offset) {
        committed = offset;
    }
}
