package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.fetch.cache.ChunkSources;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.disk.DiskMetrics;
import io.millrace.fetch.disk.DiskTier;
import io.millrace.fetch.disk.DiskTierSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.fetch.zone.Zone;
import io.millrace.fetch.zone.ZoneLoaderSelectorTest;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.disk.CrashingDisk;
import io.millrace.runtime.disk.Disk.DiskFile;
import io.millrace.storage.stream.ObjectRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests reads of a fetch node from its disk, and the chunks that it writes there. */
class DiskReadsTest {

    private static final Path FOLDER = Path.of("/cache");

    private final FetchWorld world = new FetchWorld();
    private final CrashingDisk disk = new CrashingDisk();
    private final Topic topic = world.topic("orders", 1);
    private ObjectRef object;

    /** A process with a disk tier, and its metrics. */
    private record Process(FetchNode node, SimpleMeterRegistry meters) {

        double loads() {
            return meters.get("millrace.fetch.load").timer().count();
        }

        double disk(String result) {
            return meters.get("millrace.fetch.disk.reads").tag("result", result).counter().count();
        }
    }

    @BeforeEach
    void write() {
        object =
                world.write(
                        List.of(
                                new Written(topic, 0, world.batch(3, 100_000, 1)),
                                new Written(topic, 0, world.batch(3, 100_000, 2))));
    }

    private Process start(Zone zone) {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        DiskTier tier =
                new DiskTier(
                        new DiskTierSettings(FetchWorld.CLUSTER, FOLDER, 1 << 30, 1000),
                        disk,
                        world.loop,
                        world.loop::execute,
                        new DiskMetrics(meters));
        FetchNode node =
                new FetchNode(
                        FetchWorld.settings(0, 0),
                        world.metadata,
                        world.bucket,
                        world.loop,
                        world.loop,
                        new ChunkSources(tier, zone),
                        new FetchMetrics(meters));
        world.loop.runReady();
        return new Process(node, meters);
    }

    private Process start() {
        return start(Zone.ALONE);
    }

    private void readAll(Process process) throws IOException {
        List<CompletableFuture<FetchResult>> begun = new ArrayList<>();
        world.loop.call(
                () -> begun.add(process.node().fetch(FetchWorld.query("orders", 0, 0, 1 << 20))));
        world.loop.advance(Duration.ofSeconds(5));
        PartitionResult result = FetchWorld.done(begun.getFirst()).partitions().getFirst();
        assertThat(result).isInstanceOf(Fetched.class);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ((Fetched) result).batches().writeTo(bytes);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        world.served(topic, 0).forEach(expected::writeBytes);
        assertThat(bytes.toByteArray()).isEqualTo(expected.toByteArray());
    }

    private List<Path> files() throws IOException {
        return disk.list(FOLDER);
    }

    @Test
    void chunksReadBeforeARestartCauseNoGet() throws IOException {
        Process before = start();
        readAll(before);
        assertThat(before.loads()).isGreaterThanOrEqualTo(4);
        assertThat(files()).hasSize(4);

        Process after = start();
        world.failBucketReads();
        readAll(after);
        assertThat(after.loads()).isZero();
        assertThat(after.disk("hit")).isEqualTo(4);
    }

    @Test
    void damagedChunksOnDiskAreLoadedFromTheBucket() throws IOException {
        readAll(start());
        for (Path file : files()) {
            byte[] content = disk.read(file, 0, (int) disk.size(file));
            content[content.length / 2] ^= 1;
            try (DiskFile damaged = disk.create(file)) {
                damaged.write(List.of(ByteBuffer.wrap(content)));
            }
        }
        Process after = start();
        readAll(after);
        assertThat(after.disk("damaged")).isEqualTo(4);
        assertThat(after.loads()).isGreaterThanOrEqualTo(4);
        readAll(start());
        assertThat(files()).hasSize(4);
    }

    @Test
    void aBrokenDiskIsNoReadersProblem() throws IOException {
        Process process = start();
        disk.stopAtOperation(1);
        readAll(process);
        assertThat(process.loads()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void chunksLoadedForAPeerAreCached() throws IOException {
        Process process = start();
        world.loop.call(() -> {
            var unused = process.node().readChunk(object, 0, FetchWorld.CHUNK);
        });
        world.loop.advance(Duration.ofSeconds(1));
        assertThat(files()).hasSize(1);

        Process after = start();
        world.failBucketReads();
        List<CompletableFuture<Chunk>> answers = new ArrayList<>();
        world.loop.call(() -> answers.add(after.node().readChunk(object, 0, FetchWorld.CHUNK)));
        world.loop.advance(Duration.ofSeconds(1));
        assertThat(FetchWorld.done(answers.getFirst()).bytes()).hasSize(FetchWorld.CHUNK);
    }

    @Test
    void chunksReceivedFromAPeerAreNotWrittenToDisk() throws IOException {
        FetchNode other =
                new FetchNode(
                        FetchWorld.settings(0, 0),
                        world.metadata,
                        world.bucket,
                        world.loop,
                        new FetchMetrics(new SimpleMeterRegistry()));
        List<RegisteredNode> members =
                List.of(
                        ZoneLoaderSelectorTest.member("me", 1, "here", Role.FETCH),
                        ZoneLoaderSelectorTest.member(
                                "other", object.id().incarnation(), "here", Role.FETCH));
        Process process =
                start(
                        new Zone(
                                () -> members,
                                () -> "me",
                                (peer, asked, position, length, begun) -> {
                                    begun.run();
                                    return other.readChunk(asked, position, length);
                                }));
        readAll(process);
        assertThat(process.loads()).isZero();
        assertThat(files()).isEmpty();
    }
}
