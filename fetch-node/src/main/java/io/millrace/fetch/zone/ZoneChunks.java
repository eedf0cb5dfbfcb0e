package io.millrace.fetch.zone;

import io.millrace.fetch.bucket.LoadLimiter;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.fetch.metrics.PeerReadResult;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.stream.ObjectRef;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Loads chunks from the zone's loader of an object, otherwise from the bucket. Concurrent requests
 * to peers are limited; further requests are queued. Owned by the fetch node's event loop.
 */
public final class ZoneChunks {

    private final Zone zone;
    private final EventLoop loop;
    private final LoadLimiter slots;
    private final FetchMetrics metrics;
    private final ZoneLoaderSelector loaders = new ZoneLoaderSelector();

    public ZoneChunks(Zone zone, EventLoop loop, LoadLimiter slots, FetchMetrics metrics) {
        this.zone = zone;
        this.loop = loop;
        this.slots = slots;
        this.metrics = metrics;
    }

    public boolean hasSpareCapacity() {
        return slots.hasSpareCapacity();
    }

    /** Loads a verified chunk. Fails as {@code fromBucket} does, which runs on the event loop. */
    public CompletableFuture<Chunk> load(
            ObjectRef object,
            long position,
            int length,
            Supplier<CompletableFuture<Chunk>> fromBucket) {
        if (peerFor(object).isEmpty()) {
            return fromBucket.get();
        }
        CompletableFuture<Chunk> loaded = new CompletableFuture<>();
        Runnable load = () -> complete(loaded, fromBucket.get());
        slots.start(
                length,
                () -> {
                    // The loader may have changed in the queue.
                    Optional<RegisteredNode> peer = peerFor(object);
                    if (peer.isEmpty()) {
                        loop.execute(load);
                        return CompletableFuture.completedFuture(null);
                    }
                    requestFromPeer(peer.get(), object, position, length, loaded, load);
                    return loaded;
                });
        return loaded;
    }

    private static void complete(CompletableFuture<Chunk> loaded, CompletableFuture<Chunk> with) {
        var unused =
                with.whenComplete((chunk, failure) -> {
                    if (failure == null) {
                        loaded.complete(chunk);
                    } else {
                        loaded.completeExceptionally(failure);
                    }
                });
    }

    private Optional<RegisteredNode> peerFor(ObjectRef object) {
        return loaders.peerFor(object.id(), zone.nodes().get(), zone.self().get(), loop.nanoTime());
    }

    /** Requests the chunk from a peer. If the peer fails or is late, also from the bucket. */
    private void requestFromPeer(
            RegisteredNode peer,
            ObjectRef object,
            long position,
            int length,
            CompletableFuture<Chunk> loaded,
            Runnable load) {
        loaders.requestSent(peer.node(), loop.nanoTime());
        Runnable silent =
                () -> {
                    metrics.peerRead(PeerReadResult.SILENT);
                    loaders.failed(peer.node(), loop.nanoTime());
                    load.run();
                };
        PeerRead read = new PeerRead(loop, length, silent, () -> loaders.answered(peer.node()));
        var unused =
                read.start(begun -> zone.peers().read(peer, object, position, length, begun))
                        .thenAccept(end -> {
                            if (end.result() != PeerReadResult.SILENT) {
                                metrics.peerRead(end.result());
                                answered(peer, end, loaded);
                            }
                            if (!loaded.isDone() && !read.wasSilent()) {
                                load.run();
                            }
                        });
        loaded.whenComplete((chunk, failure) -> read.supersede());
    }

    private void answered(
            RegisteredNode peer, PeerRead.PeerReadEnd end, CompletableFuture<Chunk> loaded) {
        if (end.chunk().isPresent()) {
            loaders.answered(peer.node());
            loaded.complete(end.chunk().get());
        } else {
            loaders.failed(peer.node(), loop.nanoTime());
        }
    }
}
