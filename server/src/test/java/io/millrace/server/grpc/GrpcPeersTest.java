package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.millrace.fetch.Chunk;
import io.millrace.fetch.FetchSettings;
import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Role;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectTrailer;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chunk on its way between two nodes. */
class GrpcPeersTest {

    @TempDir Path folder;

    @Test
    void aPeerSaysThatItBeginsAndSendsTheChunkAsItIsInTheBucketAndHearsAnnouncements()
            throws Exception {
        NioEventLoopGroup loops = new NioEventLoopGroup(1);
        try (RunningNode node = new RunningNode(folder);
                GrpcPeers peers = new GrpcPeers(loops, "millrace");
                GrpcPeers strangers = new GrpcPeers(loops, "another")) {
            node.produce(1);
            Path file;
            try (var files = Files.walk(folder.resolve("bucket"))) {
                file =
                        files.filter(Files::isRegularFile)
                                .filter(one -> one.toString().contains(",wal,"))
                                .findFirst()
                                .orElseThrow();
            }
            byte[] stored = Files.readAllBytes(file);
            // Such as millrace,wal,0123456789abcdef,0.
            String[] name = file.getName(file.getNameCount() - 1).toString().split(",", -1);
            ObjectId id =
                    new ObjectId(
                            ObjectId.Kind.WAL,
                            Long.parseUnsignedLong(name[2], 16),
                            Long.parseLong(name[3]));
            ObjectRef object = StreamObjectTrailer.parse(id, stored).ref();
            int chunkBytes = FetchSettings.of("any", 0, 0).chunkBytes();
            int length = (int) Math.min(chunkBytes, object.indexPosition());
            ManagedChannel channel = node.connect();
            URI address = URI.create("grpc://" + channel.authority());
            Member member =
                    new Member(
                            "n", 1, Set.of(Role.FETCH), "", "localhost", address.getPort(), 1, 1);
            CountDownLatch begun = new CountDownLatch(1);

            Chunk chunk =
                    peers.read(member, object, 0, length, begun::countDown)
                            .get(20, TimeUnit.SECONDS);

            assertThat(begun.getCount()).isZero();
            assertThat(chunk.bytes()).isEqualTo(Arrays.copyOf(stored, length));
            assertThat(chunk.pageCrcs()).hasSize(Chunk.pages(length));
            assertThatThrownBy(() ->
                            strangers
                                    .read(member, object, 0, length, () -> {})
                                    .get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("for a node of cluster another");
            peers.announce(member, object).get(20, TimeUnit.SECONDS);
            assertThatThrownBy(() -> strangers.announce(member, object).get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("for a node of cluster another");
        } finally {
            loops.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        }
    }
}
