package io.millrace.server.grpc.peer;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.peer.AnnounceObjectRequest;
import io.millrace.protocol.v1.peer.AnnounceObjectResponse;
import io.millrace.protocol.v1.peer.Page;
import io.millrace.protocol.v1.peer.PeerGrpc;
import io.millrace.protocol.v1.peer.ReadChunkRequest;
import io.millrace.protocol.v1.peer.StoredObject;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.auth.NodeAuthentication;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.call.UnaryCall;
import io.millrace.server.grpc.flow.OutboundBudget;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.concurrent.CompletableFuture;

/**
 * Serves chunks to the other fetch nodes of the zone, and receives announcements of new objects. If
 * the budget shared with readers' responses is exhausted or {@code MAX_OPEN} requests are pending,
 * a request is rejected at once. The caller then reads from the bucket. Owned by the fetch node's
 * loop.
 */
public final class PeerService implements GrpcService {

    private static final int MAX_OPEN = 256;

    private static final Problem BUSY =
            new Problem(
                    Reason.OVERLOADED,
                    "This node already sends the maximum number of chunks: read from the bucket"
                            + " instead.");

    private final FetchNode fetch;
    private final EventLoop loop;
    private final OutboundBudget budget;
    private final String cluster;
    private final NodeAuthentication authentication;
    private int open;

    public PeerService(
            FetchNode fetch,
            EventLoop loop,
            OutboundBudget budget,
            String cluster,
            NodeAuthentication authentication) {
        this.fetch = fetch;
        this.loop = loop;
        this.budget = budget;
        this.cluster = cluster;
        this.authentication = authentication;
    }

    @Override
    public ServerServiceDefinition bind() {
        return authentication.protect(
                new ServiceBinder(PeerGrpc.getServiceDescriptor())
                        .method(
                                PeerGrpc.getReadChunkMethod(),
                                RequestMarshaller.of(ReadChunkRequest.getDefaultInstance()),
                                ProtoUtils.marshaller(Page.getDefaultInstance()),
                                (call, headers) -> new PeerCall(call, this))
                        .method(
                                PeerGrpc.getAnnounceObjectMethod(),
                                RequestMarshaller.of(AnnounceObjectRequest.getDefaultInstance()),
                                ProtoUtils.marshaller(AnnounceObjectResponse.getDefaultInstance()),
                                (call, headers) ->
                                        UnaryCall.handler(
                                                        loop,
                                                        (AnnounceObjectRequest request) ->
                                                                announced(
                                                                        request,
                                                                        NodeAuthentication.caller(
                                                                                headers)))
                                                .startCall(call, headers))
                        .bind());
    }

    @Override
    public Audience audience() {
        return Audience.NODES;
    }

    EventLoop loop() {
        return loop;
    }

    OutboundBudget budget() {
        return budget;
    }

    /**
     * Only on the loop, on which the future completes.
     *
     * @throws ProblemException if the request is malformed or this node is overloaded
     */
    CompletableFuture<Chunk> chunk(ReadChunkRequest request) {
        ObjectRef object = object("ReadChunkRequest", request.getCluster(), request.getObject());
        if (open >= MAX_OPEN || !budget.hasRoom()) {
            throw new ProblemException(BUSY);
        }
        open++;
        CompletableFuture<Chunk> chunk =
                fetch.readChunk(object, request.getPosition(), request.getLength());
        var unused = chunk.whenComplete((found, failure) -> open--);
        return chunk;
    }

    /**
     * @param caller the incarnation that announces the object, which must be its writer
     */
    private CompletableFuture<AnnounceObjectResponse> announced(
            AnnounceObjectRequest request, long caller) {
        ObjectRef object =
                object("AnnounceObjectRequest", request.getCluster(), request.getObject());
        if (object.id().incarnation() != caller) {
            throw new ProblemException(
                    GrpcErrors.malformed(
                            "AnnounceObjectRequest",
                            "object %s was not written by the calling incarnation %016x."
                                    .formatted(object.id(), caller)));
        }
        fetch.objectAnnounced(object);
        return CompletableFuture.completedFuture(AnnounceObjectResponse.getDefaultInstance());
    }

    private ObjectRef object(String request, String asked, StoredObject object) {
        if (!asked.equals(cluster)) {
            throw new ProblemException(
                    GrpcErrors.malformed(
                            request,
                            "the request is for cluster %s, but this node belongs to cluster %s."
                                    .formatted(asked, cluster)));
        }
        ObjectId.Kind kind =
                switch (object.getKind()) {
                    case OBJECT_KIND_WAL -> ObjectId.Kind.WAL;
                    case OBJECT_KIND_SEGMENT -> ObjectId.Kind.SEGMENT;
                    case OBJECT_KIND_MANIFEST -> ObjectId.Kind.MANIFEST;
                    case OBJECT_KIND_UNSPECIFIED, UNRECOGNIZED ->
                            throw new ProblemException(
                                    GrpcErrors.malformed(
                                            request,
                                            "the kind of the object is missing or unknown."));
                };
        try {
            return new ObjectRef(
                    new ObjectId(kind, object.getIncarnation(), object.getSequence()),
                    object.getIndexPosition(),
                    object.getSizeBytes());
        } catch (IllegalArgumentException impossible) {
            throw new ProblemException(
                    GrpcErrors.malformed(request, impossible.getMessage() + "."));
        }
    }
}
