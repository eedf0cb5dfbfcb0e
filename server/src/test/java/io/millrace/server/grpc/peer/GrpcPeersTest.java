package io.millrace.server.grpc.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.client.tls.ChannelSecurity;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.v1.peer.AnnounceObjectRequest;
import io.millrace.protocol.v1.peer.GroupSessionGrpc;
import io.millrace.protocol.v1.peer.PeerGrpc;
import io.millrace.protocol.v1.peer.SessionRequest;
import io.millrace.protocol.v1.peer.SessionResponse;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.audit.AuditLog;
import io.millrace.server.grpc.RunningNode;
import io.millrace.server.grpc.auth.NodeAuthentication;
import io.millrace.server.grpc.auth.NodeCredentials;
import io.millrace.server.grpc.call.NodeChannels;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectTrailer;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transfer of chunks between two nodes. */
class GrpcPeersTest {

    @TempDir Path folder;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final NodeChannels channels = new NodeChannels(loops, new ChannelSecurity.Plaintext());
    private RunningNode node;
    private GrpcPeers peers;
    private GrpcPeers strangers;
    private RegisteredNode member;
    private byte[] stored;
    private ObjectRef object;
    private int length;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @BeforeEach
    void anObjectOfANode() throws Exception {
        node = new RunningNode(folder);
        peers = new GrpcPeers(channels, "millrace", node.credentials());
        strangers = new GrpcPeers(channels, "another", node.credentials());
        node.produce(1);
        Path file;
        try (var files = Files.walk(folder.resolve("bucket"))) {
            file =
                    files.filter(Files::isRegularFile)
                            .filter(path -> path.toString().contains(",wal,"))
                            .findFirst()
                            .orElseThrow();
        }
        stored = Files.readAllBytes(file);
        // For example millrace,wal,0123456789abcdef,0.
        String[] name = file.getName(file.getNameCount() - 1).toString().split(",", -1);
        ObjectId id =
                new ObjectId(
                        ObjectId.Kind.WAL,
                        Long.parseUnsignedLong(name[2], 16),
                        Long.parseLong(name[3]));
        object = StreamObjectTrailer.parse(id, stored).ref();
        length = (int) Math.min(FetchSettings.of("any", 0, 0).chunkBytes(), object.indexPosition());
        URI address = URI.create("grpc://" + node.connect().authority());
        member =
                new RegisteredNode(
                        "n",
                        node.credentials().incarnation(),
                        Set.of(Role.FETCH),
                        "",
                        "localhost",
                        address.getPort(),
                        1,
                        1);
    }

    @AfterEach
    void close() throws Exception {
        strangers.close();
        peers.close();
        node.close();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    }

    @Test
    void aPeerSendsHeadersAndTheChunkAndReceivesAnnouncements() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);

        Chunk chunk =
                peers.read(member, object, 0, length, begun::countDown).get(20, TimeUnit.SECONDS);

        assertThat(begun.getCount()).isZero();
        assertThat(chunk.bytes()).isEqualTo(Arrays.copyOf(stored, length));
        assertThat(chunk.pageCrcs()).hasSize(Chunk.pages(length));
        assertThatThrownBy(() ->
                        strangers
                                .read(member, object, 0, length, () -> {})
                                .get(20, TimeUnit.SECONDS))
                .hasMessageContaining("the request is for cluster another");
        peers.announce(member, object).get(20, TimeUnit.SECONDS);
        assertThatThrownBy(() -> strangers.announce(member, object).get(20, TimeUnit.SECONDS))
                .hasMessageContaining("the request is for cluster another");
    }

    @Test
    void aReadOutlivesTheCallThatBeganIt() throws Exception {
        CompletableFuture<Chunk> chunk;
        try (Context.CancellableContext call = Context.current().withCancellation()) {
            chunk = call.call(() -> peers.read(member, object, 0, length, () -> {}));
        }
        assertThat(chunk.get(20, TimeUnit.SECONDS).bytes()).hasSize(length);
    }

    @Test
    void onlyTheWriterAnnouncesAnObject() {
        ObjectId other = new ObjectId(ObjectId.Kind.WAL, 77, 0);

        assertThatThrownBy(() ->
                        peers.announce(member, new ObjectRef(other, 1000, 2000))
                                .get(20, TimeUnit.SECONDS))
                .hasMessageContaining("was not written by the calling incarnation");
    }

    @Test
    void aNodeWithAnotherSecretIsRejected() {
        NodeCredentials foreign =
                new NodeAuthentication(
                                NodeSecret.random(new SecureRandom()),
                                () -> 77,
                                new SimulatedEventLoop(),
                                new SimpleMeterRegistry(),
                                AuditLog.NONE)
                        .credentials();
        try (GrpcPeers forged = new GrpcPeers(channels, "millrace", foreign)) {
            assertRejected(
                    "was not signed with this cluster's secret",
                    () ->
                            forged.read(member, object, 0, length, () -> {})
                                    .get(20, TimeUnit.SECONDS));
            assertRejected(
                    "was not signed with this cluster's secret",
                    () -> forged.announce(member, object).get(20, TimeUnit.SECONDS));
        }
        assertThat(node.count("millrace.grpc.calls.unauthenticated")).isEqualTo(2);
    }

    @Test
    void aNodeThatTakesThisOneForItsPredecessorIsRejected() {
        RegisteredNode predecessor =
                new RegisteredNode(
                        "n", 1, Set.of(Role.FETCH), "", member.host(), member.port(), 1, 1);

        assertRejected(
                "an earlier life of this node",
                () ->
                        peers.read(predecessor, object, 0, length, () -> {})
                                .get(20, TimeUnit.SECONDS));
    }

    @Test
    void aClientCallsNoServiceOfNodes() {
        var requests =
                GroupSessionGrpc.newStub(node.connect())
                        .open(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(SessionResponse response) {
                                        ended.completeExceptionally(new AssertionError(response));
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        ended.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {
                                        ended.complete(null);
                                    }
                                });
        requests.onNext(SessionRequest.getDefaultInstance());

        assertRejected("has no token", () -> ended.get(20, TimeUnit.SECONDS));
        assertRejected(
                "has no token",
                () ->
                        PeerGrpc.newBlockingStub(node.connect())
                                .announceObject(AnnounceObjectRequest.getDefaultInstance()));
    }

    private static void assertRejected(String why, ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining("UNAUTHENTICATED")
                .hasMessageContaining(why)
                .hasMessageContaining("was not executed");
    }
}
