package io.millrace.server.grpc.admin;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.compaction.bucket.BucketCheck;
import io.millrace.compaction.usage.StoredUsage;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.CheckBucketRequest;
import io.millrace.protocol.v1.CheckBucketResponse;
import io.millrace.protocol.v1.DescribeUsageRequest;
import io.millrace.protocol.v1.DescribeUsageResponse;
import io.millrace.protocol.v1.LevelUsage;
import io.millrace.protocol.v1.ObjectLevel;
import io.millrace.protocol.v1.TopicUsage;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.call.UnaryCall;
import io.millrace.storage.object.ObjectStore;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The bucket service of the gRPC API, with at most one check at a time. Owned by the metadata's
 * loop.
 */
public final class BucketService implements GrpcService {

    /** With the longest names, an answer is below 4 MiB. */
    private static final int MAX_TOPICS = 10_000;

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final String cluster;
    private final Executor workers;
    private final NodeUsage usage;
    private final CheckSlot slot;
    private CompletableFuture<StoredUsage> counting =
            CompletableFuture.failedFuture(new IllegalStateException("not counted yet"));

    /**
     * @param workers the executor that computes checksums
     */
    public BucketService(
            Metadata metadata,
            ObjectStore bucket,
            String cluster,
            Executor workers,
            NodeUsage usage) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.cluster = cluster;
        this.workers = workers;
        this.usage = usage;
        this.slot = new CheckSlot(metadata.loop());
    }

    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(BucketGrpc.getServiceDescriptor())
                .method(
                        BucketGrpc.getCheckBucketMethod(),
                        RequestMarshaller.of(CheckBucketRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(CheckBucketResponse.getDefaultInstance()),
                        (call, headers) -> new BucketCheckCall(call, this))
                .method(
                        BucketGrpc.getDescribeUsageMethod(),
                        RequestMarshaller.of(DescribeUsageRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(DescribeUsageResponse.getDefaultInstance()),
                        UnaryCall.handler(loop(), this::describeUsage))
                .bind();
    }

    @Override
    public Audience audience() {
        return Audience.CLIENTS;
    }

    private CompletableFuture<DescribeUsageResponse> describeUsage(DescribeUsageRequest request) {
        return storedUsage()
                .thenApply(stored -> {
                    DescribeUsageResponse.Builder response = usage.toWire();
                    for (StoredUsage.LevelUsage each : stored.levels()) {
                        response.addLevels(
                                LevelUsage.newBuilder()
                                        .setLevel(toWire(each.level()))
                                        .setObjects(each.objects())
                                        .setSizeBytes(each.sizeBytes())
                                        .setLiveBytes(each.liveBytes()));
                    }
                    for (StoredUsage.TopicUsage each : stored.largestTopics(MAX_TOPICS)) {
                        response.addTopics(
                                TopicUsage.newBuilder()
                                        .setTopic(each.topic())
                                        .setObjects(each.objects())
                                        .setLiveBytes(each.liveBytes()));
                    }
                    return response.build();
                });
    }

    /** Concurrent calls share one count. */
    private CompletableFuture<StoredUsage> storedUsage() {
        if (counting.isDone()) {
            counting =
                    metadata.manifest()
                            .thenCompose(past -> metadata.barrier().thenApply(current -> past))
                            .thenCompose(past -> StoredUsage.of(metadata, past));
        }
        return counting.copy();
    }

    private static ObjectLevel toWire(StoredUsage.StorageLevel level) {
        return switch (level) {
            case WAL_BLOCK -> ObjectLevel.WAL_BLOCK;
            case SEGMENT -> ObjectLevel.SEGMENT;
            case MANIFEST -> ObjectLevel.MANIFEST;
            case DEREFERENCED -> ObjectLevel.DEREFERENCED;
            case METADATA -> ObjectLevel.METADATA_OBJECT;
        };
    }

    EventLoop loop() {
        return metadata.loop();
    }

    CheckSlot slot() {
        return slot;
    }

    /** Returns empty if another check is running. */
    Optional<CompletableFuture<Void>> check(boolean verify, BucketCheckCall call) {
        if (!slot.tryAcquire(call::cutOff)) {
            return Optional.empty();
        }
        return Optional.of(
                startCheck(verify, call)
                        .whenCompleteAsync((done, failure) -> slot.release(), loop()));
    }

    private CompletableFuture<Void> startCheck(
            boolean verify, BucketCheck.FindingListener listener) {
        try {
            return new BucketCheck(
                            metadata,
                            bucket,
                            cluster,
                            verify ? Optional.of(workers) : Optional.empty(),
                            listener)
                    .run();
        } catch (RuntimeException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }
}
