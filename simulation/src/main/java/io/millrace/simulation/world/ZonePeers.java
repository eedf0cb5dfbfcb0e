package io.millrace.simulation.world;

import io.millrace.fetch.FetchNode;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.zone.PeerReads;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests for chunks and announcements of blocks, from one process to the fetch nodes of others.
 * Some chunks arrive with a flipped bit.
 */
final class ZonePeers implements PeerReads {

    private final SimulatedCluster cluster;
    private final NodeProcess self;
    private final Membership membership;
    private final SplittableRandom random;

    ZonePeers(
            SimulatedCluster cluster,
            NodeProcess self,
            Membership membership,
            SplittableRandom random) {
        this.cluster = cluster;
        this.self = self;
        this.membership = membership;
        this.random = random;
    }

    @Override
    public CompletableFuture<Chunk> read(
            RegisteredNode peer, ObjectRef object, long position, int length, Runnable begun) {
        CompletableFuture<Chunk> result = new CompletableFuture<>();
        boolean isSent =
                send(
                        peer,
                        (fetch, link) -> {
                            link.reply(begun);
                            fetch.readChunk(object, position, length)
                                    .whenComplete((chunk, failure) ->
                                            link.reply(() -> answered(result, chunk, failure)));
                        });
        if (!isSent) {
            self.loop.schedule(
                    FaultState.between(random, 1, 30),
                    () ->
                            result.completeExceptionally(
                                    new IllegalStateException(peer.host() + " is unreachable")));
        }
        return result;
    }

    private interface Request {
        void arrived(FetchNode fetch, Network.Link link);
    }

    /** Returns whether a process with the role serves at the address. */
    private boolean send(RegisteredNode peer, Request request) {
        NodeProcess there = cluster.servingAt(peer.host());
        FetchNode fetch = there == null ? null : there.fetch();
        if (there == null || fetch == null) {
            return false;
        }
        Network.Link link = cluster.network.connect(self, there);
        link.send(() -> request.arrived(fetch, link));
        return true;
    }

    private void answered(
            CompletableFuture<Chunk> result, @Nullable Chunk chunk, @Nullable Throwable failure) {
        if (chunk == null) {
            result.completeExceptionally(
                    failure == null ? new IllegalStateException("no chunk") : failure);
        } else if (cluster.faults.chunkDamaged > 0
                && random.nextDouble() < cluster.faults.chunkDamaged) {
            result.complete(damaged(chunk));
        } else {
            cluster.peerReads++;
            result.complete(chunk);
        }
    }

    private Chunk damaged(Chunk chunk) {
        byte[] bytes = chunk.bytes().clone();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        return new Chunk(bytes, chunk.pageCrcs());
    }

    /** Returns a sink that also announces uploaded blocks to all other fetch nodes. */
    SealedObjectSink announcing(SealedObjectSink local) {
        return new SealedObjectSink() {

            @Override
            public void offer(SealedObject object) {
                local.offer(object);
            }

            @Override
            public void uploaded(ObjectRef object) {
                local.uploaded(object);
                forOthers(node -> send(node, (fetch, link) -> fetch.objectAnnounced(object)));
            }

            @Override
            public void withdrawn(ObjectId object) {
                local.withdrawn(object);
            }
        };
    }

    private void forOthers(Consumer<RegisteredNode> action) {
        membership.nodes().stream()
                .filter(node ->
                        node.roles().contains(Role.FETCH) && !node.node().equals(self.name()))
                .forEach(action);
    }
}
