package io.millrace.metadata.log.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Metadata.Lane;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.storage.disk.CrashingDisk;
import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.object.MemoryObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What was acknowledged is there after the power went, at whatever operation of the disk. */
final class LocalMetadataLogCrashTest {

    private static final LocalLogSettings SMALL =
            new LocalLogSettings(5, 1 << 20, Duration.ofSeconds(60), 2, 1);

    private final CrashingDisk disk = new CrashingDisk();
    private final MemoryObjectStore bucket = new MemoryObjectStore();

    private MetadataReplica open(SimulatedLoop loop, SplittableRandom random) {
        LocalMetadataLog log =
                new LocalMetadataLog(
                        loop,
                        loop,
                        loop,
                        disk,
                        Path.of("/data/meta"),
                        bucket,
                        "test",
                        SMALL,
                        random.split());
        CompletableFuture<MetadataReplica> opening =
                MetadataReplica.open(
                        loop,
                        log,
                        ReplicaSettings.EMBEDDED,
                        new MetadataMetrics(new SimpleMeterRegistry()),
                        random);
        loop.runReady();
        return opening.join();
    }

    @Test
    void everyAcknowledgedTopicIsThereOnceAfterACrashAtAnyOperation() {
        for (int seed = 0; seed < 60; seed++) {
            everyAcknowledgedTopicIsThere(seed);
        }
    }

    private void everyAcknowledgedTopicIsThere(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String prefix = "s" + seed + "-";
        List<Long> acknowledged = new ArrayList<>();
        long attempted = -1;
        for (int life = 0; life < 3; life++) {
            SimulatedLoop loop = new SimulatedLoop();
            MetadataReplica replica = open(loop, random);
            for (long topic : acknowledged) {
                assertThat(replica.topics().named(prefix + topic))
                        .as("seed %d, topic %d", seed, topic)
                        .isPresent();
            }
            disk.stopAtOperation(1 + random.nextInt(60));
            boolean alive = true;
            while (alive) {
                long next = ++attempted;
                CompletableFuture<Proposal> proposal =
                        replica.propose(
                                new Command.TopicCreated(prefix + next, 1, Map.of()),
                                Lane.BACKGROUND);
                loop.advance(Duration.ofSeconds(1));
                alive =
                        proposal.join() instanceof Proposal.Applied applied
                                && applied.outcome() instanceof Outcome.TopicReady;
                if (alive) {
                    acknowledged.add(next);
                }
            }
            disk.crash(random);
        }
    }

    @Test
    void aFullDiskRefusesAndServesAgainWhenThereIsRoom() {
        SimulatedLoop loop = new SimulatedLoop();
        MetadataReplica replica = open(loop, new SplittableRandom(1));
        disk.setCapacity(60);
        CompletableFuture<Proposal> refused =
                replica.propose(new Command.TopicCreated("a", 1, Map.of()), Lane.BACKGROUND);
        loop.runReady();
        disk.setCapacity(1 << 20);
        CompletableFuture<Proposal> served =
                replica.propose(new Command.TopicCreated("a", 1, Map.of()), Lane.BACKGROUND);
        loop.runReady();

        assertThat(refused.join()).isInstanceOf(Proposal.NotApplied.class);
        assertThat(served.join()).isInstanceOf(Proposal.Applied.class);
    }
}
