package io.millrace.client.producer;

import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.List;

/**
 * The way of a producer's batches to one node: the stream, and the turns of the partitions that use
 * it. Owner: the I/O thread.
 */
final class NodeStream implements ProduceStream.Owner {

    /** What becomes of the batches. */
    interface Owner {
        /** The node said what became of a batch. */
        void answered(NodeStream outlet, PendingBatch batch, ProduceResult result);

        /** There may be more to send. */
        void wantsMore();

        /** The stream is over. The batches were sent and not answered, in the order of sending. */
        void ended(
                NodeStream outlet, List<PendingBatch> unanswered, Status status, Metadata trailers);
    }

    private final Connection connection;
    private final ReadyPartitions turns;
    private final ReconnectingStream stream;
    private final Owner owner;

    NodeStream(
            IoThread io,
            Connection connection,
            ReadyPartitions turns,
            Backoff backoff,
            Owner owner) {
        this.connection = connection;
        this.turns = turns;
        this.stream = new ReconnectingStream(io, connection, backoff, this);
        this.owner = owner;
    }

    Connection connection() {
        return connection;
    }

    ReadyPartitions turns() {
        return turns;
    }

    /** Sends what has its turn, as far as the stream takes it. */
    void send() {
        if (turns.isEmpty()) {
            return;
        }
        ProduceStream open = stream.open();
        while (open != null && open.ready()) {
            ReadyPartitions.Message message = turns.fill();
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
    void abort() {
        stream.abort();
    }

    /** Sends nothing more. */
    void close(Duration patience) {
        stream.close(patience);
    }

    @Override
    public void streamIsReady(ProduceStream ready) {
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
        stream.received();
        owner.answered(this, batch, result);
    }

    @Override
    public void streamEnded(
            ProduceStream ended, List<PendingBatch> unanswered, Status status, Metadata trailers) {
        stream.ended(ended, owner::wantsMore);
        owner.ended(this, unanswered, status, trailers);
    }
}
