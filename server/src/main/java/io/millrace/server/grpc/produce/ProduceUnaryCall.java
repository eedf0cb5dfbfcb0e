package io.millrace.server.grpc.produce;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.LoopCall;
import java.util.Optional;

/**
 * A Produce call. The request is read only while the node has room, and submitted while the
 * transport's buffers are valid. Owned by the ingest node's loop.
 */
final class ProduceUnaryCall extends LoopCall<ProduceMessage, ProduceAck> {

    private final IngestNode ingest;
    private final long connection;
    private final ProduceTracing tracing;
    private final Optional<TraceContext> trace;

    ProduceUnaryCall(
            ServerCall<DecodedRequest<ProduceMessage>, ProduceAck> call,
            Metadata headers,
            IngestNode ingest,
            EventLoop loop,
            ProduceTracing tracing) {
        super(call, loop);
        this.ingest = ingest;
        this.connection = ConnectionIds.of(call);
        this.tracing = tracing;
        this.trace = tracing.contextOf(headers);
        run(() -> ingest.whenRoom(() -> call.request(1)));
    }

    @Override
    public void onMessage(DecodedRequest<ProduceMessage> request) {
        super.onMessage(inLoop() ? request : request.map(ProduceMessage::detached));
    }

    @Override
    protected void receive(ProduceMessage request) {
        CallRights rights = CallRights.of(call);
        rights.received(request.sizeBytes());
        if (!rights.allows(Operation.WRITE, ResourceType.TOPIC, request.topic())) {
            fail(rights.refuse(Operation.WRITE, ResourceType.TOPIC, request.topic()));
            return;
        }
        ProduceMapper.submit(
                ingest,
                connection,
                request,
                tracing.decorate(
                        request, trace, outcome -> run(() -> end(outcome, request.wantTiming()))));
    }

    private void end(ProduceOutcome outcome, boolean wantTiming) {
        switch (outcome) {
            case ProduceOutcome.Rejected(var problem) -> fail(problem);
            case ProduceOutcome.Acknowledged stored -> {
                if (!hasEnded()) {
                    call.sendHeaders(new Metadata());
                    call.sendMessage(ProduceMapper.ack(stored, wantTiming));
                    succeed();
                }
            }
        }
    }
}
