package io.millrace.server.node;

import io.micrometer.core.instrument.Gauge;
import io.millrace.compaction.input.RecentObjects;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.cache.ChunkSources;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.zone.Zone;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.fetch.FetchService;
import io.millrace.server.grpc.flow.OutboundBudget;
import io.millrace.server.grpc.peer.PeerService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The fetch role of a node.
 *
 * @param outbound the budget for all responses with batches or chunks
 */
record FetchRole(FetchNode node, OutboundBudget outbound, List<GrpcService> services) {

    /** Maximum time for which an unread response delays other readers. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    static FetchRole open(NodeContext context) {
        EventLoop loop = context.loop();
        NodeMembership status = context.status();
        NodeMemory memory = context.memory();
        FetchNode node =
                new FetchNode(
                        FetchSettings.of(
                                        context.cluster(),
                                        memory.hotCacheBytes(),
                                        memory.coldCacheBytes())
                                .withMaxReplyBytes(memory.replyBytes()),
                        context.metadata(),
                        context.bucket(),
                        loop,
                        context.workers(),
                        new ChunkSources(
                                DiskCaches.open(
                                        context.settings(),
                                        context.disk(),
                                        loop,
                                        context.registry(),
                                        memory.heapBytes(),
                                        context.closing()),
                                new Zone(status::liveNodes, status::node, context.peers())),
                        context.metrics().fetch());
        OutboundBudget outbound = new OutboundBudget(loop, memory.outboundBytes(), READ_TIMEOUT);
        Gauge.builder("millrace.grpc.outbound", outbound, OutboundBudget::unreadBytes)
                .baseUnit("bytes")
                .strongReference(true)
                .register(context.registry());
        return new FetchRole(
                node,
                outbound,
                List.of(
                        new FetchService(node, loop, outbound),
                        new PeerService(
                                node,
                                loop,
                                outbound,
                                context.cluster(),
                                context.authentication())));
    }

    RecentObjects recentObjects(EventLoop loop) {
        return id -> CompletableFuture.supplyAsync(() -> node.recentObject(id), loop);
    }
}
