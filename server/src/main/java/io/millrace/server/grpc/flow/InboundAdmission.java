package io.millrace.server.grpc.flow;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * An admission policy that decides which connections may send. Partly received messages stay within
 * a memory limit, and each message completes eventually.
 *
 * <p>While at most half of the limit is used, all connections send. Above that, a connection waits
 * if its unfinished messages exceed the allowance. The allowance is an equal share of the other
 * half, at most {@link #MAX_ALLOWANCE}. Waiting connections take turns to send all their unfinished
 * messages, with memory reserved for one message of maximum size. When usage falls to a quarter,
 * all connections send again.
 *
 * <p>Any thread. Callbacks run while the lock is held and must return at once.
 */
final class InboundAdmission {

    /** Maximum allowance of a connection for unfinished messages, in bytes. */
    static final int MAX_ALLOWANCE = 64 << 10;

    /** Minimum number of bytes between two checks for a turn to continue. */
    static final int MIN_PROGRESS = 256 << 10;

    private final long roomBytes;
    private final long turnLimitBytes;
    private final Runnable turnRequester;
    private final SequencedSet<InboundSender> senders = new LinkedHashSet<>();
    private final SequencedSet<InboundSender> waiting = new LinkedHashSet<>();
    private Optional<InboundSender> turnHolder = Optional.empty();
    private long turnNumber;
    private long turnBytes;
    private long checkedTurn;
    private long checkedBytes;
    private long totalBytes;
    private boolean memoryTight;
    private boolean turnRequested;

    /**
     * @param bytes the limit for all unfinished messages, without bytes that peers send before they
     *     are stopped
     * @param turnWanted requests a call of {@link #beginTurn} once there is room for inbound
     *     messages; not repeated before that call
     */
    InboundAdmission(long bytes, int messageBytes, Runnable turnWanted) {
        this.roomBytes = Math.max(bytes - messageBytes, bytes / 2);
        this.turnLimitBytes = messageBytes;
        this.turnRequester = turnWanted;
    }

    /**
     * @param changed called when the result of {@link #mayProceed} has changed
     */
    synchronized InboundSender register(Runnable changed) {
        InboundSender sender = new InboundSender(changed);
        senders.add(sender);
        return sender;
    }

    /**
     * Returns a sender that never waits, for a connection without flow control; its bytes count.
     */
    InboundSender unregulated() {
        return new InboundSender(() -> {});
    }

    /** Removes a connection, whose bytes must still be released with {@link #releaseBytes}. */
    synchronized void unregister(InboundSender sender) {
        senders.remove(sender);
        waiting.remove(sender);
        if (hasTurn(sender)) {
            turnHolder = Optional.empty();
        }
        requestTurn();
    }

    synchronized boolean mayProceed(InboundSender sender) {
        return !waiting.contains(sender);
    }

    synchronized boolean isWithinAllowance(InboundSender sender) {
        return sender.bytes <= allowance();
    }

    /** Returns the bytes of all unfinished messages. */
    synchronized long addBytes(InboundSender sender, long bytes) {
        totalBytes += bytes;
        sender.bytes += bytes;
        if (hasTurn(sender)) {
            turnBytes += bytes;
        }
        if (memoryTight) {
            waitIfLarge(sender);
        } else if (totalBytes > roomBytes / 2) {
            memoryTight = true;
            senders.forEach(this::waitIfLarge);
        }
        requestTurn();
        return totalBytes;
    }

    synchronized void releaseBytes(InboundSender sender, long bytes) {
        totalBytes -= bytes;
        sender.bytes -= bytes;
        boolean small = sender.bytes <= allowance();
        if (hasTurn(sender) && (small || turnBytes >= turnLimitBytes)) {
            turnHolder = Optional.empty();
            waitIfLarge(sender);
        } else if (small && waiting.remove(sender)) {
            sender.changed.run();
        }
        if (memoryTight && totalBytes <= roomBytes / 4) {
            letAllProceed();
        }
        requestTurn();
    }

    synchronized void beginTurn() {
        turnRequested = false;
        if (turnHolder.isEmpty() && !waiting.isEmpty()) {
            InboundSender next = waiting.removeFirst();
            turnHolder = Optional.of(next);
            turnNumber++;
            turnBytes = 0;
            next.changed.run();
        }
    }

    /**
     * Ends the turn if less than {@link #MIN_PROGRESS} arrived since the last check.
     *
     * @return the connection that lost its turn; the caller should abort its unfinished messages
     */
    synchronized Optional<InboundSender> endStalledTurn() {
        Optional<InboundSender> slow = Optional.empty();
        if (turnHolder.isPresent()
                && turnNumber == checkedTurn
                && turnBytes - checkedBytes < MIN_PROGRESS) {
            slow = turnHolder;
            turnHolder = Optional.empty();
            slow.ifPresent(this::waitIfLarge);
            requestTurn();
        }
        checkedTurn = turnNumber;
        checkedBytes = turnBytes;
        return slow;
    }

    synchronized boolean isTight() {
        return memoryTight;
    }

    synchronized long inboundBytes() {
        return totalBytes;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    private boolean hasTurn(InboundSender sender) {
        return turnHolder.isPresent() && turnHolder.get() == sender;
    }

    private long allowance() {
        return Math.min(MAX_ALLOWANCE, roomBytes / 2 / Math.max(1, senders.size()));
    }

    private void waitIfLarge(InboundSender sender) {
        // A closed connection would keep its turn forever, as the rest of the message never
        // arrives.
        if (sender.bytes > allowance()
                && !hasTurn(sender)
                && senders.contains(sender)
                && waiting.add(sender)) {
            sender.changed.run();
        }
    }

    private void letAllProceed() {
        memoryTight = false;
        turnHolder = Optional.empty();
        List<InboundSender> held = new ArrayList<>(waiting);
        waiting.clear();
        held.forEach(sender -> sender.changed.run());
    }

    private void requestTurn() {
        if (!turnRequested && turnHolder.isEmpty() && !waiting.isEmpty()) {
            turnRequested = true;
            turnRequester.run();
        }
    }

    static final class InboundSender {

        private final Runnable changed;
        private long bytes;

        private InboundSender(Runnable changed) {
            this.changed = changed;
        }
    }
}
