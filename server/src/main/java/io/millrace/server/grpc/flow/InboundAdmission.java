package io.millrace.server.grpc.flow;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Decides which connections may send on, so that messages that arrive in part stay within a number
 * of bytes and every one of them is complete at some time.
 *
 * <p>While there is room all go on. When half of it is used, a connection whose unfinished messages
 * have more than its allowance waits, and those that wait have their turns one after another: the
 * one whose turn it is goes on until its messages are there, for which the room of one message is
 * set apart. Connections with less than the allowance, an equal share of the other half and at most
 * {@link #SMALL}, never wait. When three quarters are free again, all go on.
 *
 * <p>Safe to use from any thread. It calls back while it holds its lock: what it calls must do no
 * more than hand over.
 */
final class InboundAdmission {

    /** Bytes that a connection may always have in unfinished messages, while they are not many. */
    static final int SMALL = 64 << 10;

    /** Bytes that must arrive from one check to the next for a turn to go on. */
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
     * @param bytes of all unfinished messages; what connections send before they hear that they
     *     must wait comes on top of it
     * @param messageBytes of the largest message
     * @param turnWanted asks for a call of {@link #beginTurn}, soon or when there is room for what
     *     arrives; it is not asked again before
     */
    InboundAdmission(long bytes, int messageBytes, Runnable turnWanted) {
        this.roomBytes = Math.max(bytes - messageBytes, bytes / 2);
        this.turnLimitBytes = messageBytes;
        this.turnWanted = turnWanted;
    }

    /**
     * Counts a connection in.
     *
     * @param changed hears whenever the answer of {@link #mayProceed} has changed
     */
    synchronized Sender join(Runnable changed) {
        Sender sender = new Sender(changed);
        senders.add(sender);
        return sender;
    }

    /** One whose connection cannot be steered: it is counted, and never waits. */
    Sender outsider() {
        return new Sender(() -> {});
    }

    /** Counts a connection out. What it has in unfinished messages must still be taken off. */
    synchronized void leave(Sender sender) {
        senders.remove(sender);
        waiting.remove(sender);
        if (hasTurn(sender)) {
            turn = Optional.empty();
        }
        askForTurn();
    }

    /** Whether the connection should be let send on. */
    synchronized boolean mayProceed(Sender sender) {
        return !waiting.contains(sender);
    }

    /** Whether the connection has no more in unfinished messages than any may have. */
    synchronized boolean isSmall(Sender sender) {
        return sender.bytes <= allowance();
    }

    /**
     * So many bytes more of an unfinished message have arrived.
     *
     * @return bytes of all unfinished messages
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

    /**
     * Bytes that had arrived are of no unfinished message any more: it is complete, or given up.
     */
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

    /** Begins the turn of the connection that has waited longest. */
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
     * Ends a turn in which less than {@link #MIN_PROGRESS} arrived since the last check.
     *
     * @return whose turn it was: its unfinished messages should be given up
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

    /** Whether there is so little room that connections may have to wait. */
    synchronized boolean isTight() {
        return tight;
    }

    /** Bytes of all unfinished messages. */
    synchronized long arrivingBytes() {
        return arriving;
    }

    /** Connections that wait for their turn. */
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
        // Who has left would never be complete, and keep its turn.
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

    /** One connection, and what it has in unfinished messages. */
    static final class Sender {

        private final Runnable changed;
        private long bytes;

        private Sender(Runnable changed) {
            this.changed = changed;
        }
    }
}
