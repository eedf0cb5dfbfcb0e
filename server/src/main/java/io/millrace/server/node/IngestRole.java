package io.millrace.server.node;

import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.trace.TraceSampler;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.peer.BlockAnnouncer;
import io.millrace.server.grpc.produce.IngestService;
import io.millrace.server.grpc.produce.ProduceTracing;
import io.millrace.server.settings.ServerSettings;
import io.millrace.server.settings.ServerSettings.Tracing;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** The ingest role of a node. */
@SystemAccess("passes the system clock to the ingest node")
record IngestRole(IngestNode node, EventLoop loop, List<GrpcService> services) {

    private static final Logger LOG = Logger.getLogger(IngestRole.class);

    static IngestRole open(
            NodeContext context, SealedObjectSink sealed, ConnectionIds connections) {
        MetadataReplica metadata = context.metadata();
        NodeMembership status = context.status();
        long maxExtents = context.maxExtents();
        IngestNode node =
                new IngestNode(
                        settings(context.settings(), context.memory().ingestBytes()),
                        metadata,
                        context.bucket(),
                        () -> metadata.fullness(maxExtents),
                        context.loop(),
                        InstantSource.system(),
                        context.workers(),
                        new BlockAnnouncer(
                                sealed,
                                status::liveNodes,
                                status::node,
                                context.peers(),
                                context.registry()),
                        context.metrics().ingest(),
                        context.tracer());
        return new IngestRole(
                node,
                context.loop(),
                List.of(
                        new IngestService(
                                node,
                                context.loop(),
                                connections,
                                context.metrics().calls(),
                                produceTracing(context))));
    }

    private static ProduceTracing produceTracing(NodeContext context) {
        EventLoop loop = context.loop();
        double ratio = context.settings().tracing().map(Tracing::sampleRatio).orElse(0.0);
        return new ProduceTracing(
                context.tracer(), new TraceSampler(ratio, context.random(), loop::nanoTime), loop);
    }

    private static IngestSettings settings(ServerSettings settings, long memoryBytes) {
        IngestSettings profile =
                IngestSettings.of(settings.profile(), settings.cluster(), memoryBytes);
        return new IngestSettings(
                profile.cluster(),
                profile.profile(),
                profile.targetBytes(),
                profile.linger(),
                profile.minLinger(),
                profile.wholeLingerBytes(),
                profile.wholeLingerUploads(),
                profile.maxBatchesPerBlock(),
                profile.maxUploads(),
                profile.memoryLimitBytes(),
                settings.uploadTimeout());
    }

    /** Rejects new requests and waits up to the timeout for accepted requests. */
    void drain(Duration timeout) {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        loop.execute(() ->
                node.drain(timeout)
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                drained.complete(null);
                            } else {
                                drained.completeExceptionally(failure);
                            }
                        }));
        try {
            drained.get(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            LOG.warnf("Not all accepted requests were finished before the stop: %s", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
