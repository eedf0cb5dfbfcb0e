package io.millrace.server.grpc.fetch;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.protocol.v1.ListOffsetsResponse;
import io.millrace.protocol.v1.OffsetAnswer;
import io.millrace.protocol.v1.OffsetQuery;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.authorization.RememberedDecisions;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.call.UnaryCall;
import io.millrace.server.grpc.flow.OutboundBudget;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The fetch service of the gRPC API, on a fetch node. */
public final class FetchService implements GrpcService {

    private final FetchNode fetch;
    private final EventLoop loop;
    private final OutboundBudget budget;

    /**
     * @param loop the fetch node's loop
     */
    public FetchService(FetchNode fetch, EventLoop loop, OutboundBudget budget) {
        this.fetch = fetch;
        this.loop = loop;
        this.budget = budget;
    }

    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(FetchGrpc.getServiceDescriptor())
                .method(
                        FetchGrpc.getFetchMethod(),
                        RequestMarshaller.of(FetchRequest.getDefaultInstance())
                                .map(FetchService::query),
                        FetchResponseWriter.MARSHALLER,
                        (call, headers) -> new FetchCall(call, fetch, loop, budget))
                .method(
                        FetchGrpc.getListOffsetsMethod(),
                        RequestMarshaller.of(ListOffsetsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ListOffsetsResponse.getDefaultInstance()),
                        UnaryCall.handler(
                                loop, (call, request) -> listOffsets(CallRights.of(call), request)))
                .bind();
    }

    @Override
    public Audience audience() {
        return Audience.CLIENTS;
    }

    private static FetchQuery query(FetchRequest request) {
        return new FetchQuery(
                request.getPartitionsList().stream()
                        .map(wanted ->
                                new FetchQuery.PartitionQuery(
                                        wanted.getTopic(),
                                        wanted.getPartition(),
                                        wanted.getOffset(),
                                        wanted.getMaxBytes(),
                                        wanted.getTopicId()))
                        .toList(),
                Duration.ofMillis(request.getMaxWaitMs()),
                request.getMinBytes(),
                request.getMaxBytes(),
                request.getFromBucket() ? FetchQuery.Source.BUCKET : FetchQuery.Source.NEAREST);
    }

    private CompletableFuture<ListOffsetsResponse> listOffsets(
            CallRights rights, ListOffsetsRequest request) {
        if (request.getQueriesList().isEmpty()) {
            throw new ProblemException(
                    GrpcErrors.malformed("ListOffsetsRequest", "queries is empty."));
        }
        List<OffsetLookup> questions =
                request.getQueriesList().stream().map(FetchService::question).toList();
        RememberedDecisions described = rights.decisions(Operation.DESCRIBE, ResourceType.TOPIC);
        List<OffsetLookup> allowed =
                questions.stream().filter(each -> described.allows(each.topic())).toList();
        if (allowed.size() == questions.size()) {
            return fetch.listOffsets(questions).thenApply(FetchService::response);
        }
        Set<OffsetLookup> asked = new HashSet<>(allowed);
        Map<String, OffsetResult> refused = new HashMap<>();
        return fetch.listOffsets(allowed)
                .thenApply(results -> {
                    Iterator<OffsetResult> found = results.iterator();
                    return response(
                            questions.stream()
                                    .map(each ->
                                            asked.contains(each)
                                                    ? found.next()
                                                    : refused.computeIfAbsent(
                                                            each.topic(),
                                                            topic -> refused(rights, topic)))
                                    .toList());
                });
    }

    private static OffsetResult refused(CallRights rights, String topic) {
        return new OffsetResult.Failed(
                rights.refuse(Operation.DESCRIBE, ResourceType.TOPIC, topic));
    }

    private static ListOffsetsResponse response(List<OffsetResult> results) {
        return ListOffsetsResponse.newBuilder()
                .addAllAnswers(results.stream().map(FetchService::answer).toList())
                .build();
    }

    private static OffsetLookup question(OffsetQuery query) {
        OffsetLookup.LookupPosition at =
                switch (query.getAtCase()) {
                    case EARLIEST -> new OffsetLookup.LookupPosition.Earliest();
                    case LATEST -> new OffsetLookup.LookupPosition.Latest();
                    case TIMESTAMP_MS ->
                            new OffsetLookup.LookupPosition.Time(query.getTimestampMs());
                    case AT_NOT_SET ->
                            throw new ProblemException(
                                    GrpcErrors.malformed(
                                            "OffsetQuery",
                                            "set one of earliest, latest and timestamp_ms."));
                };
        return new OffsetLookup(query.getTopic(), query.getPartition(), at);
    }

    private static OffsetAnswer answer(OffsetResult result) {
        return switch (result) {
            case OffsetResult.Found(long offset, long timestampMs) ->
                    OffsetAnswer.newBuilder().setOffset(offset).setTimestampMs(timestampMs).build();
            case OffsetResult.Failed(var problem) ->
                    OffsetAnswer.newBuilder()
                            .setOffset(-1)
                            .setTimestampMs(-1)
                            .setError(problem.toStatus())
                            .build();
        };
    }
}
