package io.millrace.server.grpc.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.server.grpc.RunningNode;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectTrailer;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transfer of chunks between two nodes. */
class GrpcPeersTest {

    @TempDir Path folder;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final GrpcPeers peers = new GrpcPeers(loops, "millrace");
    private final GrpcPeers strangers = new GrpcPeers(loops, "another");
    private RunningNode node;
    private RegisteredNode member;
    private byte[] stored;
    private ObjectRef object;
    private int length;

    @BeforeEach
    void anObjectOfANode() throws Exception {
        node = new RunningNode(folder);
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
                        "n", 1, Set.of(Role.FETCH), "", "localhost", address.getPort(), 1, 1);
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
}
