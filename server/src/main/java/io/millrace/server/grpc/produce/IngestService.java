package io.millrace.server.grpc.produce;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.ingest.IngestNode;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.AllocateProducerIdRequest;
import io.millrace.protocol.v1.AllocateProducerIdResponse;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.call.CallMetrics;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.MethodMetrics;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.call.UnaryCall;
import java.util.concurrent.CompletableFuture;

/** The produce service of the gRPC API, on an ingest node. */
public final class IngestService implements GrpcService {

    private final IngestNode ingest;
    private final EventLoop loop;
    private final ConnectionIds connections;
    private final MethodMetrics streamed;
    private final ProduceTracing tracing;

    /**
     * @param loop the ingest node's loop
     */
    public IngestService(
            IngestNode ingest,
            EventLoop loop,
            ConnectionIds connections,
            CallMetrics metrics,
            ProduceTracing tracing) {
        this.ingest = ingest;
        this.loop = loop;
        this.connections = connections;
        this.streamed = metrics.of(IngestGrpc.getProduceStreamMethod()).countingRequests();
        this.tracing = tracing;
    }

    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(IngestGrpc.getServiceDescriptor())
                .method(
                        IngestGrpc.getProduceMethod(),
                        new RequestMarshaller<>("ProduceRequest", ProduceDecoder::request),
                        ProtoUtils.marshaller(ProduceAck.getDefaultInstance()),
                        (call, headers) -> produce(call, headers))
                .method(
                        IngestGrpc.getProduceStreamMethod(),
                        new RequestMarshaller<>(
                                "ProduceStreamRequest", ProduceDecoder::streamRequest),
                        ProtoUtils.marshaller(ProduceStreamResponse.getDefaultInstance()),
                        (call, headers) -> produceStream(call))
                .method(
                        IngestGrpc.getAllocateProducerIdMethod(),
                        RequestMarshaller.of(AllocateProducerIdRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(AllocateProducerIdResponse.getDefaultInstance()),
                        UnaryCall.handler(loop, (call, request) -> allocateProducerId(call)))
                .bind();
    }

    @Override
    public Audience audience() {
        return Audience.CLIENTS;
    }

    private ProduceUnaryCall produce(
            ServerCall<DecodedRequest<ProduceMessage>, ProduceAck> call, Metadata headers) {
        return new ProduceUnaryCall(call, headers, ingest, loop, tracing);
    }

    private ProduceStreamCall produceStream(
            ServerCall<DecodedRequest<ProduceStreamMessage>, ProduceStreamResponse> call) {
        return new ProduceStreamCall(call, ingest, loop, connections.next(), streamed, tracing);
    }

    private CompletableFuture<AllocateProducerIdResponse> allocateProducerId(
            ServerCall<?, ?> call) {
        CallRights rights = CallRights.of(call);
        if (!rights.allowsOnCluster(Operation.IDEMPOTENT_WRITE)
                && !rights.allowsAny(Operation.WRITE, ResourceType.TOPIC)) {
            throw new ProblemException(
                    rights.refuse(
                            Operation.IDEMPOTENT_WRITE,
                            ResourceType.CLUSTER,
                            ResourceType.CLUSTER_NAME));
        }
        return ingest.allocateProducerId()
                .thenApply(lease ->
                        AllocateProducerIdResponse.newBuilder()
                                .setProducerId(lease.producerId())
                                .setProducerEpoch(lease.epoch())
                                .build());
    }
}
