package io.millrace.server.grpc.produce;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.authorization.RememberedDecisions;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.LoopCall;
import io.millrace.server.grpc.call.MethodMetrics;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ProduceStream call. To bound memory, the next message is read only while (1) the node has room,
 * (2) at most {@link #MAX_UNANSWERED} messages are unanswered, and (3) the client reads its
 * responses. Owned by the ingest node's loop.
 */
final class ProduceStreamCall extends LoopCall<ProduceStreamMessage, ProduceStreamResponse> {

    private static final int MAX_UNANSWERED = 8192;

    private final IngestNode ingest;
    private final long connection;
    private final MethodMetrics metrics;
    private final ProduceTracing tracing;
    private final CallRights rights;
    private final RememberedDecisions writable;
    private int unanswered;
    private boolean paused;
    private boolean waitingForRoom;
    private boolean halfClosed;

    ProduceStreamCall(
            ServerCall<DecodedRequest<ProduceStreamMessage>, ProduceStreamResponse> call,
            IngestNode ingest,
            EventLoop loop,
            long connection,
            MethodMetrics metrics,
            ProduceTracing tracing) {
        super(call, loop);
        this.ingest = ingest;
        this.connection = connection;
        this.metrics = metrics;
        this.tracing = tracing;
        this.rights = CallRights.of(call);
        this.writable = rights.decisions(Operation.WRITE, ResourceType.TOPIC);
        run(() -> {
            call.sendHeaders(new Metadata());
            requestNext();
        });
    }

    @Override
    public void onMessage(DecodedRequest<ProduceStreamMessage> request) {
        super.onMessage(inLoop() ? request : request.map(ProduceStreamMessage::detached));
    }

    @Override
    protected void ready() {
        resume();
    }

    @Override
    protected void halfClosed() {
        halfClosed = true;
        endIfDone();
    }

    @Override
    protected void receive(ProduceStreamMessage message) {
        if (message.requests().isEmpty()) {
            fail(GrpcErrors.malformed("ProduceStreamRequest", "requests is empty."));
            return;
        }
        unanswered++;
        rights.received(message.sizeBytes());
        PendingResponse answer = new PendingResponse(message);
        Map<String, Problem> refusals = new HashMap<>();
        for (int i = 0; i < message.requests().size(); i++) {
            int index = i;
            ProduceMessage request = message.requests().get(i);
            submit(
                    request,
                    tracing.decorate(
                            request,
                            Optional.empty(),
                            outcome -> run(() -> answer.decided(index, outcome))),
                    refusals);
        }
        requestNext();
    }

    /**
     * @param refusals the problems of the message's topics; each is recorded once
     */
    private void submit(ProduceMessage request, ProduceReply reply, Map<String, Problem> refusals) {
        if (writable.allows(request.topic())) {
            ProduceMapper.submit(ingest, connection, request, reply);
        } else {
            reply.complete(
                    new ProduceOutcome.Rejected(
                            refusals.computeIfAbsent(
                                    request.topic(),
                                    topic ->
                                            rights.refuse(
                                                    Operation.WRITE, ResourceType.TOPIC, topic))));
        }
    }

    private void requestNext() {
        if (hasEnded()) {
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
        if (halfClosed && unanswered == 0) {
            succeed();
        }
    }

    private final class PendingResponse {

        private final long correlationId;
        private final boolean[] wantTiming;
        private final @Nullable ProduceResult[] results;
        private final long beganNanos = metrics.nanoTime();
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
            if (hasEnded()) {
                return;
            }
            if (outcome instanceof ProduceOutcome.Rejected(var problem)) {
                metrics.failed(problem.reason());
            }
            results[index] = ProduceMapper.result(outcome, wantTiming[index]);
            if (--undecided > 0) {
                return;
            }
            unanswered--;
            metrics.answered(beganNanos);
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
