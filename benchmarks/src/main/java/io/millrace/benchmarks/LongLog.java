package io.millrace.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Metadata.Lane;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.log.local.LocalMetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.metadata.state.FeatureLevels;
import io.millrace.protocol.Edge;
import io.millrace.storage.disk.SystemDisk;
import io.millrace.storage.loop.ExecutorLoop;
import io.millrace.storage.object.local.LocalObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Fills a data folder with the metadata of a server that has run for long, so that its start can be
 * measured: {@code LongLog FOLDER [EXTENTS]}. The objects that the extents name do not exist, so
 * nothing can be fetched.
 */
@Edge("makes the threads that the log runs on")
public final class LongLog {

    private static final int PARTITIONS = 100;

    /** With a million extents, 10 GiB in all. */
    private static final int EXTENT_BYTES = 10_737;

    private LongLog() {}

    /** Fills the folder that is the first argument. */
    public static void main(String... arguments) throws IOException {
        Path data = Path.of(arguments[0]);
        int extents = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        ScheduledExecutorService owner = Executors.newSingleThreadScheduledExecutor();
        ExecutorService appender = Executors.newSingleThreadExecutor();
        ExecutorService background = Executors.newSingleThreadExecutor();
        ExecutorService puts = Executors.newSingleThreadExecutor();
        try {
            ExecutorLoop loop = new ExecutorLoop(owner, () -> false);
            SystemDisk disk = new SystemDisk();
            LocalMetadataLog log =
                    new LocalMetadataLog(
                            loop,
                            appender,
                            background,
                            disk,
                            data.resolve("log"),
                            LocalObjectStore.open(
                                    disk, data.resolve("bucket"), new SecureRandom(), puts),
                            "millrace",
                            LocalLogSettings.DEFAULTS,
                            new SecureRandom());
            MetadataReplica replica =
                    MetadataReplica.open(
                                    loop,
                                    log,
                                    ReplicaSettings.embedded(FeatureLevels.ALL),
                                    Membership.ALONE,
                                    new MetadataMetrics(new SimpleMeterRegistry()),
                                    new SecureRandom())
                            .join();
            fill(replica, extents);
            replica.close().join();
        } finally {
            List.of(owner, appender, background, puts).forEach(ExecutorService::shutdownNow);
        }
    }

    private static void fill(MetadataReplica replica, int extents) {
        Command create = new Command.TopicCreated("long", PARTITIONS, Map.of());
        if (!(applied(replica, create) instanceof Outcome.TopicReady(var topic))) {
            throw new IllegalStateException("the topic is there already: take an empty folder");
        }
        // One entry for each block, as a server under light load writes them.
        for (int block = 0; block < extents / PARTITIONS; block++) {
            applied(replica, block(replica.incarnation(), topic.id(), block));
        }
    }

    private static Command block(long incarnation, long topicId, int sequence) {
        List<BatchItem> items = new ArrayList<>(PARTITIONS);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            items.add(
                    new BatchItem(
                            topicId,
                            partition,
                            10,
                            (long) partition * EXTENT_BYTES,
                            EXTENT_BYTES,
                            1_700_000_000_000L + sequence,
                            ProducerStamp.NONE));
        }
        long indexPosition = (long) PARTITIONS * EXTENT_BYTES;
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, incarnation, sequence);
        return new Command.BlockCommitted(
                new ObjectRef(id, indexPosition, indexPosition + 4096),
                1_700_000_000_000L + sequence,
                items);
    }

    private static Outcome applied(MetadataReplica replica, Command command) {
        Proposal proposal = replica.propose(command, Lane.PRODUCE).join();
        if (proposal instanceof Proposal.Applied done) {
            return done.outcome();
        }
        throw new IllegalStateException("the log did not take it: " + proposal);
    }
}
