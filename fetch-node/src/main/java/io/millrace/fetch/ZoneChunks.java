package io.millrace.fetch;

import io.millrace.metadata.membership.Member;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.stream.ObjectRef;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Chunks from whichever node of the zone loads them, else from the bucket. Asks for so many at once
 * as there are slots; more wait their turn. Owned by the fetch node's loop.
 */
final class ZoneChunks {

    private final Zone zone;
    private final Loop loop;
    private final LoadSlots slots;
    private final FetchMetrics metrics;
    private final Loaders loaders = new Loaders();

    ZoneChunks(Zone zone, Loop loop, LoadSlots slots, FetchMetrics metrics) {
        this.zone = zone;
        this.loop = loop;
        this.slots = slots;
        this.metrics = metrics;
    }

    /** Whether a read that nobody waits for yet may start now. */
    boolean haveSpare() {
        return slots.haveSpare();
    }

    /**
     * Reads a chunk.
     *
     * @param fromBucket loads it here, on the loop
     * @return a chunk whose checksums were checked here; fails as {@code fromBucket} does
     */
    CompletableFuture<Chunk> load(
            ObjectRef object,
            long position,
            int length,
            Supplier<CompletableFuture<Chunk>> fromBucket) {
        if (peerFor(object).isEmpty()) {
            return fromBucket.get();
        }
        CompletableFuture<Optional<Chunk>> asked = new CompletableFuture<>();
        slots.start(
                length,
                () -> {
                    // Whom to ask may have changed while this waited for its turn.
                    peerFor(object)
                            .ifPresentOrElse(
                                    peer -> ask(peer, object, position, length, asked),
                                    () -> loop.execute(() -> asked.complete(Optional.empty())));
                    return asked;
                });
        return asked.thenCompose(
                chunk -> chunk.map(CompletableFuture::completedFuture).orElseGet(fromBucket));
    }

    private Optional<Member> peerFor(ObjectRef object) {
        return loaders.peerFor(
                object.id(), zone.members().get(), zone.self().get(), loop.nanoTime());
    }

    private void ask(
            Member peer,
            ObjectRef object,
            long position,
            int length,
            CompletableFuture<Optional<Chunk>> asked) {
        loaders.asked(peer.node(), loop.nanoTime());
        new PeerRead(loop, length, () -> loaders.answered(peer.node()))
                .start(begun -> zone.peers().read(peer, object, position, length, begun))
                .thenAccept(end -> {
                    metrics.peerRead(end.result());
                    if (end.chunk().isPresent()) {
                        loaders.answered(peer.node());
                    } else {
                        loaders.failed(peer.node(), loop.nanoTime());
                    }
                    asked.complete(end.chunk());
                });
    }
}
