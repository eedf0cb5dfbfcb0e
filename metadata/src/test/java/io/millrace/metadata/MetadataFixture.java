package io.millrace.metadata;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.replica.LevelPolicy;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * A working {@link Metadata} on a simulated loop: {@code new MetadataFixture(loop).metadata()}. One
 * thread.
 */
public final class MetadataFixture {

    /** A membership that leaves housekeeping to another node. */
    public static final Membership FOLLOWER =
            new Membership() {
                @Override
                public List<RegisteredNode> nodes() {
                    return List.of();
                }

                @Override
                public boolean isLeader() {
                    return false;
                }
            };

    private final SimulatedEventLoop loop;
    private final InMemoryMetadataLog log;
    private final MetadataReplica metadata;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    public MetadataFixture(SimulatedEventLoop loop) {
        this(loop, new InMemoryMetadataLog.Storage(), 1);
    }

    /**
     * @param storage the log's content from an earlier fixture
     * @param seed the seed of the incarnation
     */
    public MetadataFixture(
            SimulatedEventLoop loop, InMemoryMetadataLog.Storage storage, long seed) {
        this(loop, storage, seed, FOLLOWER, FeatureLevels.ALL);
    }

    private MetadataFixture(
            SimulatedEventLoop loop,
            InMemoryMetadataLog.Storage storage,
            long seed,
            Membership membership,
            FeatureLevels levels) {
        this.loop = loop;
        this.log = new InMemoryMetadataLog(loop, storage);
        ReplicaSettings settings =
                new ReplicaSettings(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(1),
                        Duration.ofDays(7),
                        Duration.ofDays(7),
                        Duration.ZERO,
                        Long.MAX_VALUE,
                        levels,
                        LevelPolicy.AUTOMATIC);
        CompletableFuture<MetadataReplica> opening =
                MetadataReplica.open(
                        loop,
                        log,
                        settings,
                        membership,
                        new MetadataMetrics(meters),
                        new SplittableRandom(seed));
        loop.runReady();
        this.metadata = opening.join();
    }

    /** Creates the metadata of the only process that writes to its log. */
    public static MetadataFixture soleWriter(SimulatedEventLoop loop) {
        return new MetadataFixture(
                loop,
                new InMemoryMetadataLog.Storage(),
                1,
                Membership.SINGLE_NODE,
                FeatureLevels.ALL);
    }

    /** Creates the metadata of a node that supports other levels than the code. */
    public static MetadataFixture withLevels(SimulatedEventLoop loop, FeatureLevels levels) {
        return new MetadataFixture(loop, new InMemoryMetadataLog.Storage(), 1, FOLLOWER, levels);
    }

    /** Returns the metadata. */
    public MetadataReplica metadata() {
        return metadata;
    }

    /** Returns the metrics. */
    public SimpleMeterRegistry meters() {
        return meters;
    }

    /** Returns the underlying log, to make it slow or fail. */
    public InMemoryMetadataLog log() {
        return log;
    }

    /** Creates a topic with default settings and returns it. */
    public Topic createTopic(String name, int partitions) {
        return createTopic(name, partitions, Map.of());
    }

    /** Creates a topic and returns it. */
    public Topic createTopic(String name, int partitions, Map<String, String> config) {
        return switch (propose(new Command.TopicCreated(name, partitions, config))) {
            case Outcome.TopicReady ready -> ready.topic();
            case Outcome other -> throw new IllegalStateException(name + ": " + other);
        };
    }

    /** Proposes a command, runs the loop and returns the outcome. */
    public Outcome propose(Command command) {
        CompletableFuture<Proposal> future =
                metadata.propose(command, Metadata.Priority.BACKGROUND);
        for (int ms = 0; ms < 10 && !future.isDone(); ms++) {
            loop.advance(Duration.ofMillis(1));
        }
        return switch (future.getNow(null)) {
            case Proposal.Applied applied -> applied.outcome();
            case null -> throw new IllegalStateException("the log did not answer: " + command);
            case Proposal other -> throw new IllegalStateException(command + ": " + other);
        };
    }
}
