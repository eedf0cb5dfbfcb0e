package io.millrace.it;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.ingest.commit.MergeBacklog;
import io.millrace.metadata.Extent;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.log.local.LocalMetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.local.LocalObjectStore;
import io.millrace.storage.stream.SealedObjectSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The write path of a node, its metadata log and its bucket on one disk, in virtual time.
 * Single-threaded.
 */
final class NodeOnDisk {

    private static final LocalLogSettings SMALL_EPOCHS =
            new LocalLogSettings(7, 1 << 20, Duration.ofSeconds(60), 2, 1);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final LocalObjectStore bucket;
    private final MetadataReplica metadata;
    private final IngestNode ingest;

    NodeOnDisk(Disk disk, SplittableRandom random) throws IOException {
        bucket = LocalObjectStore.open(disk, Path.of("/data/bucket"), random.split(), loop);
        LocalMetadataLog log =
                new LocalMetadataLog(
                        loop,
                        loop,
                        Runnable::run,
                        disk,
                        Path.of("/data/log"),
                        LocalObjectStore.open(
                                disk, Path.of("/data/past"), random.split(), Runnable::run),
                        "test",
                        SMALL_EPOCHS,
                        random.split());
        CompletableFuture<MetadataReplica> opening =
                MetadataReplica.open(
                        loop,
                        log,
                        ReplicaSettings.embedded(FeatureLevels.ALL),
                        Membership.SINGLE_NODE,
                        new MetadataMetrics(new SimpleMeterRegistry()),
                        random);
        loop.runReady();
        metadata = opening.join();
        ingest =
                new IngestNode(
                        IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20),
                        metadata,
                        bucket,
                        MergeBacklog.NONE,
                        loop,
                        () -> Instant.EPOCH,
                        loop,
                        SealedObjectSink.NONE,
                        new IngestMetrics(new SimpleMeterRegistry()));
    }

    boolean createTopic(String name, int partitions) {
        CompletableFuture<Proposal> proposal =
                metadata.propose(
                        new Command.TopicCreated(name, partitions, Map.of()), Priority.BACKGROUND);
        loop.runReady();
        return proposal.isDone() && proposal.join() instanceof Proposal.Applied;
    }

    /** Produces a batch; the outcome arrives while time passes. */
    AtomicReference<Optional<ProduceOutcome>> produce(
            long connection, String topic, int partition, byte[] batch) {
        AtomicReference<Optional<ProduceOutcome>> reply = new AtomicReference<>(Optional.empty());
        ByteString bytes = KafkaBatches.wrap(batch);
        loop.call(() ->
                ingest.produce(
                        connection,
                        topic,
                        partition,
                        bytes,
                        outcome -> reply.set(Optional.of(outcome))));
        return reply;
    }

    void pass(Duration time) {
        loop.advance(time);
    }

    /** Returns all records of a partition, found through the metadata in the bucket. */
    List<KafkaBatches.Read> read(String topic, int partition) {
        long topicId = metadata.topics().named(topic).orElseThrow().id();
        ByteArrayOutputStream batches = new ByteArrayOutputStream();
        AtomicReference<List<Extent>> extents = new AtomicReference<>(List.of());
        loop.call(() ->
                metadata.view()
                        .partition(topicId, partition)
                        .map((PartitionLog log) -> log.extents(0, Long.MAX_VALUE))
                        .ifPresent(extents::set));
        for (Extent extent : extents.get()) {
            CompletableFuture<byte[]> bytes =
                    bucket.getRange(
                            extent.object().id().key("test"),
                            new ByteRange(extent.position(), extent.length()));
            loop.runReady();
            batches.writeBytes(bytes.join());
        }
        return KafkaBatches.read(ByteString.copyFrom(batches.toByteArray()));
    }
}
