package io.millrace.server.grpc.produce;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;

/**
 * A Produce call. The request is read only while the node has room, and submitted while the
 * transport's buffers are valid. Owned by the ingest node's loop.
 */
final class ProduceUnaryCall extends ServerCall.Listener<DecodedRequest<ProduceMessage>> {

    private final ServerCall<DecodedRequest<ProduceMessage>, ProduceAck> call;
    private final IngestNode ingest;
    private final EventLoop loop;
    private final long connection;
    private boolean submitted;
    private boolean ended;

    ProduceUnaryCall(
            ServerCall<DecodedRequest<ProduceMessage>, ProduceAck> call,
            IngestNode ingest,
            EventLoop loop,
            long connection) {
        this.call = call;
        this.ingest = ingest;
        this.loop = loop;
        this.connection = connection;
        loop.runNowOrLater(() -> ingest.whenRoom(() -> call.request(1)));
    }

    @Override
    public void onMessage(DecodedRequest<ProduceMessage> request) {
        switch (request) {
            case DecodedRequest.Malformed<ProduceMessage>(var problem) ->
                    loop.runNowOrLater(() -> fail(problem));
            case DecodedRequest.Message<ProduceMessage>(var message) -> {
                ProduceMessage kept = loop.inLoop() ? message : message.detached();
                loop.runNowOrLater(() -> submit(kept));
            }
        }
    }

    @Override
    public void onHalfClose() {
        loop.runNowOrLater(() -> {
            if (!submitted) {
                fail(GrpcErrors.malformed("ProduceRequest", "the message is missing."));
            }
        });
    }

    @Override
    public void onCancel() {
        loop.runNowOrLater(() -> ended = true);
    }

    private void submit(ProduceMessage request) {
        if (ended) {
            return;
        }
        submitted = true;
        try {
            ProduceMapper.submit(
                    ingest, connection, request, outcome -> end(outcome, request.wantTiming()));
        } catch (RuntimeException failure) {
            fail(GrpcErrors.problemOf(failure, call.getMethodDescriptor().getFullMethodName()));
        }
    }

    private void end(ProduceOutcome outcome, boolean wantTiming) {
        switch (outcome) {
            case ProduceOutcome.Rejected(var problem) -> fail(problem);
            case ProduceOutcome.Acknowledged stored -> {
                if (!ended) {
                    ended = true;
                    call.sendHeaders(new Metadata());
                    call.sendMessage(ProduceMapper.ack(stored, wantTiming));
                    call.close(Status.OK, new Metadata());
                }
            }
        }
    }

    private void fail(Problem problem) {
        if (!ended) {
            ended = true;
            GrpcErrors.close(call, problem);
        }
    }
}
