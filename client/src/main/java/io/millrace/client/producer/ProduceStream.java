package io.millrace.client.producer;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.client.connection.CallFailures;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * A produce stream from opening to end, with the batches that wait for a response. Owner: the I/O
 * thread, which also calls the {@link Owner}.
 */
public final class ProduceStream {

    interface Owner {
        void onWritable(ProduceStream call);

        void answered(PendingBatch batch, ProduceResult result);

        /** Called after the last outcome of a response message. */
        void responseCompleted();

        /** Called at the end, with the sent batches without response in the order of sending. */
        void streamEnded(
                ProduceStream call,
                List<PendingBatch> unanswered,
                Status status,
                Metadata trailers);
    }

    /** Bytes that gRPC buffers before the stream counts as not writable: about one message. */
    private static final int READY_BELOW_BYTES = 1024 * 1024;

    private static final int REQUESTED_MESSAGES = 1024;

    private static final ProduceResult MISSING =
            ProduceResult.newBuilder()
                    .setError(
                            new Problem(
                                            Reason.OUTCOME_UNKNOWN,
                                            "The server's response does not contain the batch.")
                                    .toStatus())
                    .build();

    private final Owner owner;
    private final Executor loop;
    private final ClientCall<ProduceStreamRequest, ProduceStreamResponse> call;
    private final Map<Long, List<PendingBatch>> unanswered = new LinkedHashMap<>();
    private long nextCorrelationId = 1;
    private int responsesUntilNextRequest = REQUESTED_MESSAGES;
    private boolean cancelled;
    private boolean ended;

    /**
     * @param loop an executor that runs tasks on the I/O thread, at once if called there
     */
    ProduceStream(Channel channel, Owner owner, Executor loop) {
        this.owner = owner;
        this.loop = loop;
        this.call =
                channel.newCall(
                        IngestGrpc.getProduceStreamMethod(),
                        CallOptions.DEFAULT.withOnReadyThreshold(READY_BELOW_BYTES));
    }

    void open() {
        call.start(new Listener(), new Metadata());
        call.request(REQUESTED_MESSAGES);
    }

    boolean ready() {
        return !ended && !cancelled && call.isReady();
    }

    void send(ProduceStreamRequest.Builder request, List<PendingBatch> batches) {
        long correlationId = nextCorrelationId++;
        unanswered.put(correlationId, batches);
        call.sendMessage(request.setCorrelationId(correlationId).build());
    }

    boolean nothingUnanswered() {
        return unanswered.isEmpty();
    }

    void halfClose() {
        if (!ended && !cancelled) {
            call.halfClose();
        }
    }

    /** Cancels the stream; the owner is notified as of any other end. */
    void cancel(String why) {
        if (!ended) {
            cancelled = true;
            call.cancel(why, null);
        }
    }

    private void answer(ProduceStreamResponse response) {
        if (ended) {
            return;
        }
        if (--responsesUntilNextRequest == 0) {
            responsesUntilNextRequest = REQUESTED_MESSAGES / 2;
            call.request(REQUESTED_MESSAGES / 2);
        }
        List<PendingBatch> batches = unanswered.remove(response.getCorrelationId());
        if (batches == null) {
            return;
        }
        for (int i = 0; i < batches.size(); i++) {
            owner.answered(
                    batches.get(i),
                    i < response.getResultsCount() ? response.getResults(i) : MISSING);
        }
        owner.responseCompleted();
    }

    private void end(Status status, Metadata trailers) {
        if (ended) {
            return;
        }
        ended = true;
        List<PendingBatch> left = unanswered.values().stream().flatMap(List::stream).toList();
        unanswered.clear();
        owner.streamEnded(this, left, status, trailers);
    }

    private final class Listener extends ClientCall.Listener<ProduceStreamResponse> {
        @Override
        public void onReady() {
            loop.execute(() -> owner.onWritable(ProduceStream.this));
        }

        @Override
        public void onMessage(ProduceStreamResponse message) {
            loop.execute(() -> answer(message));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> end(status, trailers));
        }
    }

    /** Returns whether a retry may succeed after this transport error. */
    public static boolean isRetriable(Status status) {
        return switch (status.getCode()) {
            case UNIMPLEMENTED, INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED -> false;
            default -> true;
        };
    }

    static String reason(String address, Status status, Metadata trailers) {
        return CallFailures.problemOf(status, trailers)
                .map(Problem::message)
                .orElseGet(() -> CallFailures.unreachable(address, status));
    }
}
