package io.millrace.client;

import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.List;

/**
 * The way of a producer's batches to one node: the stream, and the turns of the partitions that use
 * it. Owner: the I/O thread.
 */
final class Outlet implements ProduceCall.Owner {

    /** What becomes of the batches. */
    interface Owner {
        /** The node said what became of a batch. */
        void answered(Outlet outlet, PendingBatch batch, ProduceResult result);

        /** There may be more to send. */
        void wantsMore();

        /** The stream is over. The batches were sent and not answered, in the order of sending. */
        void ended(Outlet outlet, List<PendingBatch> unanswered, Status status, Metadata trailers);
    }

    private final Connection connection;
    private final Turns turns;
    private final LastingStream stream;
    private final Owner owner;

    Outlet(IoThread io, Connection connection, Turns turns, Backoff backoff, Owner owner) {
        this.connection = connection;
        this.turns = turns;
        this.stream = new LastingStream(io, connection, backoff, this);
        this.owner = owner;
    }

    Connection connection() {
        return connection;
    }

    Turns turns() {
        return turns;
    }

    /** Sends what has its turn, as far as the stream takes it. */
    void send() {
        if (turns.isEmpty()) {
            return;
        }
        ProduceCall open = stream.open();
        while (open != null && open.ready()) {
            Turns.Message message = turns.fill();
            if (message == null) {
                return;
            }
            stream.send(open, message);
        }
    }

    /** Whether batches have waited so long for a word from the node. */
    boolean isSilentFor(Duration limit) {
        return !stream.nothingUnanswered() && stream.silence().compareTo(limit) >= 0;
    }

    /** Whether nothing waits here, neither for an answer nor for its turn. */
    boolean isIdle() {
        return turns.isEmpty() && stream.nothingUnanswered();
    }

    /** Gives up what waits for an answer. */
    void giveUp() {
        stream.giveUp();
    }

    /** Sends nothing more. */
    void close(Duration patience) {
        stream.close(patience);
    }

    @Override
    public void streamIsReady(ProduceCall ready) {
        if (stream.isCurrent(ready)) {
            owner.wantsMore();
        }
    }

    @Override
    public void answersEnd() {
        owner.wantsMore();
    }

    @Override
    public void answered(PendingBatch batch, ProduceResult result) {
        stream.heard();
        owner.answered(this, batch, result);
    }

    @Override
    public void streamEnded(
            ProduceCall ended, List<PendingBatch> unanswered, Status status, Metadata trailers) {
        stream.ended(ended, owner::wantsMore);
        owner.ended(this, unanswered, status, trailers);
    }
}
