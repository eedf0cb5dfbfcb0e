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
 * A producer's stream to a node, with the queue of partitions sent over the stream. Owner: the I/O
 * thread.
 */
final class NodeStream implements ProduceStream.Owner {

    interface Owner {
        void answered(NodeStream stream, PendingBatch batch, ProduceResult result);

        void maySend();

        void ended(
                NodeStream stream, List<PendingBatch> unanswered, Status status, Metadata trailers);
    }

    private final IoThread io;
    private final Connection connection;
    private final ReadyPartitions readyPartitions;
    private final ReconnectingStream stream;
    private final Owner owner;

    NodeStream(
            IoThread io,
            Connection connection,
            ReadyPartitions turns,
            Backoff backoff,
            Owner owner) {
        this.io = io;
        this.connection = connection;
        this.readyPartitions = turns;
        this.stream = new ReconnectingStream(io, connection, backoff, this);
        this.owner = owner;
    }

    Connection connection() {
        return connection;
    }

    ReadyPartitions readyPartitions() {
        return readyPartitions;
    }

    void send() {
        if (readyPartitions.isEmpty()) {
            return;
        }
        ProduceStream open = stream.open();
        while (open != null && open.ready()) {
            ReadyPartitions.Message message = readyPartitions.nextMessage();
            if (message == null) {
                return;
            }
            long now = io.nanoTime();
            message.batches().forEach(batch -> batch.sentAt(now));
            stream.send(open, message);
        }
    }

    /** Returns whether batches have waited {@code limit} or longer for a response. */
    boolean isSilentFor(Duration limit) {
        return !stream.nothingUnanswered() && stream.silence().compareTo(limit) >= 0;
    }

    boolean isIdle() {
        return readyPartitions.isEmpty() && stream.nothingUnanswered();
    }

    void abort() {
        stream.abort();
    }

    void close(Duration patience) {
        stream.close(patience);
    }

    @Override
    public void onWritable(ProduceStream ready) {
        if (stream.isCurrent(ready)) {
            owner.maySend();
        }
    }

    @Override
    public void responseCompleted() {
        owner.maySend();
    }

    @Override
    public void answered(PendingBatch batch, ProduceResult result) {
        stream.received();
        owner.answered(this, batch, result);
    }

    @Override
    public void streamEnded(
            ProduceStream ended, List<PendingBatch> unanswered, Status status, Metadata trailers) {
        stream.ended(ended, owner::maySend);
        owner.ended(this, unanswered, status, trailers);
    }
}
