package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.log.local.FolderLock;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.log.local.LocalMetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.protocol.Edge;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ObjectStore;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/** Opens the metadata log of this machine, and this process's copy of what it says. */
@Edge("makes the threads that wait for the log's disk, and the incarnation")
final class Logs {

    private static final int CLOSE_SECONDS = 5;

    private final ServerSettings settings;
    private final Loop loop;
    private final Closing closing;

    Logs(ServerSettings settings, Loop loop, Closing closing) {
        this.settings = settings;
        this.loop = loop;
        this.closing = closing;
    }

    MetadataReplica open(
            Disk disk, ObjectStore store, MeterRegistry registry, RandomGenerator random) {
        try {
            closing.add(FolderLock.take(settings.data()));
        } catch (IOException unusable) {
            throw new StartFailure(
                    "cannot use the data folder %s: %s"
                            .formatted(settings.data(), StartFailure.sentence(unusable)));
        }
        LocalMetadataLog log =
                new LocalMetadataLog(
                        loop,
                        thread("millrace-log"),
                        thread("millrace-checkpoint"),
                        disk,
                        settings.data().resolve("log"),
                        store,
                        settings.cluster(),
                        LocalLogSettings.DEFAULTS,
                        random);
        try {
            MetadataReplica replica =
                    MetadataReplica.open(
                                    loop,
                                    log,
                                    ReplicaSettings.EMBEDDED,
                                    Membership.ALONE,
                                    new MetadataMetrics(registry),
                                    random)
                            .get();
            closing.add(() -> close(replica));
            return replica;
        } catch (ExecutionException failure) {
            throw new StartFailure(StartFailure.sentence(failure));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure("the start was interrupted.");
        }
    }

    private static void close(MetadataReplica replica)
            throws InterruptedException, ExecutionException, TimeoutException {
        replica.close().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    private ExecutorService thread(String name) {
        return closing.add(
                Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).factory()));
    }
}
