package io.millrace.server.grpc.peer;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.zone.PeerReads;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.v1.peer.AnnounceObjectRequest;
import io.millrace.protocol.v1.peer.AnnounceObjectResponse;
import io.millrace.protocol.v1.peer.ObjectKind;
import io.millrace.protocol.v1.peer.Page;
import io.millrace.protocol.v1.peer.PeerGrpc;
import io.millrace.protocol.v1.peer.ReadChunkRequest;
import io.millrace.protocol.v1.peer.StoredObject;
import io.millrace.server.grpc.auth.NodeCredentials;
import io.millrace.server.grpc.call.NodeChannels;
import io.millrace.storage.stream.ObjectRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A client of other fetch nodes with one connection for each address. Any thread; close after the
 * last use.
 */
public final class GrpcPeers
        implements PeerReads, BlockAnnouncer.AnnouncementSender, AutoCloseable {

    private static final int WINDOW_BYTES = 512 << 10;

    private static final int MAX_CHANNELS = 64;
    private static final int IDLE_MINUTES = 1;

    /** A later announcement would be useless. */
    private static final int ANNOUNCE_SECONDS = 1;

    private record Address(String host, int port) {}

    private final NodeChannels nodes;
    private final String cluster;
    private final NodeCredentials credentials;
    private final Map<Address, ManagedChannel> channels = new LinkedHashMap<>(16, 0.75f, true);

    public GrpcPeers(NodeChannels nodes, String cluster, NodeCredentials credentials) {
        this.nodes = nodes;
        this.cluster = cluster;
        this.credentials = credentials;
    }

    @Override
    public CompletableFuture<Chunk> read(
            RegisteredNode peer, ObjectRef object, long position, int length, Runnable begun) {
        ClientCall<ReadChunkRequest, Page> call =
                channel(new Address(peer.host(), peer.port()))
                        .newCall(PeerGrpc.getReadChunkMethod(), CallOptions.DEFAULT);
        InboundChunk arriving = new InboundChunk(call, length, begun);
        call.start(
                arriving, credentials.headers(peer.incarnation(), PeerGrpc.getReadChunkMethod()));
        call.request(Chunk.pages(length) + 1);
        call.sendMessage(
                ReadChunkRequest.newBuilder()
                        .setCluster(cluster)
                        .setObject(stored(object))
                        .setPosition(position)
                        .setLength(length)
                        .build());
        call.halfClose();
        return arriving.chunk();
    }

    @Override
    public CompletableFuture<Void> announce(RegisteredNode node, ObjectRef object) {
        CompletableFuture<Void> received = new CompletableFuture<>();
        PeerGrpc.newStub(channel(new Address(node.host(), node.port())))
                .withInterceptors(
                        MetadataUtils.newAttachHeadersInterceptor(
                                credentials.headers(
                                        node.incarnation(), PeerGrpc.getAnnounceObjectMethod())))
                .withDeadlineAfter(ANNOUNCE_SECONDS, TimeUnit.SECONDS)
                .announceObject(
                        AnnounceObjectRequest.newBuilder()
                                .setCluster(cluster)
                                .setObject(stored(object))
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(AnnounceObjectResponse response) {
                                received.complete(null);
                            }

                            @Override
                            public void onError(Throwable failure) {
                                received.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {}
                        });
        return received;
    }

    private static StoredObject stored(ObjectRef object) {
        return StoredObject.newBuilder()
                .setKind(
                        switch (object.id().kind()) {
                            case WAL -> ObjectKind.OBJECT_KIND_WAL;
                            case SEGMENT -> ObjectKind.OBJECT_KIND_SEGMENT;
                            case MANIFEST -> ObjectKind.OBJECT_KIND_MANIFEST;
                        })
                .setIncarnation(object.id().incarnation())
                .setSequence(object.id().sequence())
                .setIndexPosition(object.indexPosition())
                .setSizeBytes(object.sizeBytes())
                .build();
    }

    private synchronized ManagedChannel channel(Address address) {
        ManagedChannel channel = channels.computeIfAbsent(address, this::open);
        if (channels.size() > MAX_CHANNELS) {
            // The least recently used channel; its calls run to their end.
            var oldest = channels.values().iterator();
            oldest.next().shutdown();
            oldest.remove();
        }
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            // Callers decide on retries; the channel's own backoff must not delay them.
            channel.resetConnectBackoff();
        }
        return channel;
    }

    private ManagedChannel open(Address address) {
        return nodes.to(address.host(), address.port())
                .flowControlWindow(WINDOW_BYTES)
                .idleTimeout(IDLE_MINUTES, TimeUnit.MINUTES)
                .build();
    }

    @Override
    public synchronized void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
    }
}
