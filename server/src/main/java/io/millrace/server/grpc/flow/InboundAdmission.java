package io.millrace.server.grpc.flow;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Admission policy that decides which connections may send. It keeps partly received messages
 * within a memory limit and guarantees that each message completes eventually.
 *
 * <p>While at most half of the limit is used, all connections send. Above that, a connection waits
 * if unfinished messages exceed the allowance. Waiting connections take turns: one at a time sends
 * the rest of all unfinished messages, using memory reserved for one message of maximum size. The
 * allowance is an equal share of the other half, at most {@link #SMALL}; connections below the
 * allowance never wait. When usage falls to a quarter, all connections send again.
 *
 * <p>Safe to use from any thread. Callbacks run while the lock is held and must return at once.
 */
final class InboundAdmission {

    /** Maximum allowance of a connection for unfinished messages, in bytes. */
    static final int SMALL = 64 << 10;

    /** Minimum number of bytes between two checks for a turn to continue. */
    static final int MIN_PROGRESS = 256 << 10;

    private final long roomBytes;
    private final long turnLimitBytes;
    private final Runnable turnWanted;
    private final SequencedSet<Sender> senders = new LinkedHashSet<>();
    private final SequencedSet<Sender> waiting = new LinkedHashSet<>();
    private Optional<Sender> turn = Optional.empty();
    private long turnNumber;
    private long turnBytes;
    private long checkedTurn;
    private long checkedBytes;
    private long arriving;
    private boolean tight;
    private boolean asked;

    /**
     * @param bytes the limit for all unfinished messages; bytes that peers send before they are
     *     stopped come on top
     * @param messageBytes the maximum size of a message
     * @param turnWanted requests a call of {@link #beginTurn} once there is room for inbound
     *     messages; not repeated before that call
     */
    InboundAdmission(long bytes, int messageBytes, Runnable turnWanted) {
        this.roomBytes = Math.max(bytes - messageBytes, bytes / 2);
        this.turnLimitBytes = messageBytes;
        this.turnWanted = turnWanted;
    }

    /**
     * Registers a connection.
     *
     * @param changed called when the result of {@link #mayProceed} has changed
     */
    synchronized Sender join(Runnable changed) {
        Sender sender = new Sender(changed);
        senders.add(sender);
        return sender;
    }

    /**
     * Returns a sender for a connection without flow control. The bytes count, but the sender never
     * waits.
     */
    Sender outsider() {
        return new Sender(() -> {});
    }

    /**
     * Removes a connection. The bytes of its unfinished messages must still be released with {@link
     * #left}.
     */
    synchronized void leave(Sender sender) {
        senders.remove(sender);
        waiting.remove(sender);
        if (hasTurn(sender)) {
            turn = Optional.empty();
        }
        askForTurn();
    }

    /** Returns whether the connection may send. */
    synchronized boolean mayProceed(Sender sender) {
        return !waiting.contains(sender);
    }

    /** Returns whether the connection's unfinished messages are within the allowance. */
    synchronized boolean isSmall(Sender sender) {
        return sender.bytes <= allowance();
    }

    /**
     * Adds received bytes of an unfinished message.
     *
     * @return the bytes of all unfinished messages
     */
    synchronized long arrived(Sender sender, long bytes) {
        arriving += bytes;
        sender.bytes += bytes;
        if (hasTurn(sender)) {
            turnBytes += bytes;
        }
        if (tight) {
            waitIfLarge(sender);
        } else if (arriving > roomBytes / 2) {
            tight = true;
            senders.forEach(this::waitIfLarge);
        }
        askForTurn();
        return arriving;
    }

    /** Releases bytes of a message that is complete or aborted. */
    synchronized void left(Sender sender, long bytes) {
        arriving -= bytes;
        sender.bytes -= bytes;
        boolean small = sender.bytes <= allowance();
        if (hasTurn(sender) && (small || turnBytes >= turnLimitBytes)) {
            turn = Optional.empty();
            waitIfLarge(sender);
        } else if (small && waiting.remove(sender)) {
            sender.changed.run();
        }
        if (tight && arriving <= roomBytes / 4) {
            letAllProceed();
        }
        askForTurn();
    }

    /** Starts the turn of the connection that has waited longest. */
    synchronized void beginTurn() {
        asked = false;
        if (turn.isEmpty() && !waiting.isEmpty()) {
            Sender next = waiting.removeFirst();
            turn = Optional.of(next);
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
    synchronized Optional<Sender> check() {
        Optional<Sender> slow = Optional.empty();
        if (turn.isPresent()
                && turnNumber == checkedTurn
                && turnBytes - checkedBytes < MIN_PROGRESS) {
            slow = turn;
            turn = Optional.empty();
            slow.ifPresent(this::waitIfLarge);
            askForTurn();
        }
        checkedTurn = turnNumber;
        checkedBytes = turnBytes;
        return slow;
    }

    /** Returns whether memory is so short that connections may have to wait. */
    synchronized boolean isTight() {
        return tight;
    }

    /** Returns the bytes of all unfinished messages. */
    synchronized long arrivingBytes() {
        return arriving;
    }

    /** Returns the number of connections that wait for their turn. */
    synchronized int waiting() {
        return waiting.size();
    }

    private boolean hasTurn(Sender sender) {
        return turn.isPresent() && turn.get() == sender;
    }

    private long allowance() {
        return Math.min(SMALL, roomBytes / 2 / Math.max(1, senders.size()));
    }

    private void waitIfLarge(Sender sender) {
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
        tight = false;
        turn = Optional.empty();
        List<Sender> held = new ArrayList<>(waiting);
        waiting.clear();
        held.forEach(sender -> sender.changed.run());
    }

    private void askForTurn() {
        if (!asked && turn.isEmpty() && !waiting.isEmpty()) {
            asked = true;
            turnWanted.run();
        }
    }

    /** One connection and the size of its unfinished messages. */
    static final class Sender {

        private final Runnable changed;
        private long bytes;

        private Sender(Runnable changed) {
            this.changed = changed;
        }
    }
}
