package io.millrace.server.grpc.produce;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import org.jspecify.annotations.Nullable;

/**
 * A ProduceStream call. To bound memory, the next message is read only while (1) the node has room,
 * (2) at most {@link #MAX_UNANSWERED} messages are unanswered, and (3) the client reads its
 * responses. Owned by the ingest node's loop.
 */
final class ProduceStreamCall extends ServerCall.Listener<DecodedRequest<ProduceStreamMessage>> {

    private static final int MAX_UNANSWERED = 8192;

    private final ServerCall<DecodedRequest<ProduceStreamMessage>, ProduceStreamResponse> call;
    private final IngestNode ingest;
    private final EventLoop loop;
    private final long connection;
    private int unanswered;
    private boolean paused;
    private boolean waitingForRoom;
    private boolean halfClosed;
    private boolean ended;

    ProduceStreamCall(
            ServerCall<DecodedRequest<ProduceStreamMessage>, ProduceStreamResponse> call,
            IngestNode ingest,
            EventLoop loop,
            long connection) {
        this.call = call;
        this.ingest = ingest;
        this.loop = loop;
        this.connection = connection;
        loop.runNowOrLater(() -> {
            call.sendHeaders(new Metadata());
            requestNext();
        });
    }

    @Override
    public void onMessage(DecodedRequest<ProduceStreamMessage> request) {
        switch (request) {
            case DecodedRequest.Malformed<ProduceStreamMessage>(var problem) ->
                    loop.runNowOrLater(() -> fail(problem));
            case DecodedRequest.Message<ProduceStreamMessage>(var message) -> {
                ProduceStreamMessage kept = loop.inLoop() ? message : message.detached();
                loop.runNowOrLater(() -> accept(kept));
            }
        }
    }

    @Override
    public void onReady() {
        loop.runNowOrLater(this::resume);
    }

    @Override
    public void onHalfClose() {
        loop.runNowOrLater(() -> {
            halfClosed = true;
            endIfDone();
        });
    }

    @Override
    public void onCancel() {
        loop.runNowOrLater(() -> ended = true);
    }

    private void accept(ProduceStreamMessage message) {
        if (ended) {
            return;
        }
        if (message.requests().isEmpty()) {
            fail(GrpcErrors.malformed("ProduceStreamRequest", "requests is empty."));
            return;
        }
        unanswered++;
        PendingResponse answer = new PendingResponse(message);
        try {
            for (int i = 0; i < message.requests().size(); i++) {
                int index = i;
                ProduceMapper.submit(
                        ingest,
                        connection,
                        message.requests().get(i),
                        outcome -> answer.decided(index, outcome));
            }
        } catch (RuntimeException failure) {
            fail(GrpcErrors.problemOf(failure, call.getMethodDescriptor().getFullMethodName()));
            return;
        }
        requestNext();
    }

    private void requestNext() {
        if (ended) {
            return;
        }
        if (unanswered >= MAX_UNANSWERED || (unanswered > 0 && !call.isReady())) {
            paused = true;
        } else if (ingest.hasRoom()) {
            call.request(1);
        } else if (!waitingForRoom) {
            waitingForRoom = true;
            ingest.whenRoom(() -> {
                waitingForRoom = false;
                requestNext();
            });
        }
    }

    private void resume() {
        if (paused) {
            paused = false;
            requestNext();
        }
    }

    private void endIfDone() {
        if (halfClosed && unanswered == 0 && !ended) {
            ended = true;
            call.close(Status.OK, new Metadata());
        }
    }

    private void fail(Problem problem) {
        if (!ended) {
            ended = true;
            GrpcErrors.close(call, problem);
        }
    }

    private final class PendingResponse {

        private final long correlationId;
        private final boolean[] wantTiming;
        private final @Nullable ProduceResult[] results;
        private int undecided;

        PendingResponse(ProduceStreamMessage message) {
            this.correlationId = message.correlationId();
            this.undecided = message.requests().size();
            this.results = new @Nullable ProduceResult[undecided];
            this.wantTiming = new boolean[undecided];
            for (int i = 0; i < undecided; i++) {
                wantTiming[i] = message.requests().get(i).wantTiming();
            }
        }

        void decided(int index, ProduceOutcome outcome) {
            if (ended) {
                return;
            }
            results[index] = ProduceMapper.result(outcome, wantTiming[index]);
            if (--undecided > 0) {
                return;
            }
            unanswered--;
            ProduceStreamResponse.Builder response =
                    ProduceStreamResponse.newBuilder().setCorrelationId(correlationId);
            for (ProduceResult result : results) {
                if (result != null) {
                    response.addResults(result);
                }
            }
            call.sendMessage(response.build());
            resume();
            endIfDone();
        }
    }
}
