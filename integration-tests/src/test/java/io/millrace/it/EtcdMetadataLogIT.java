package io.millrace.it;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.MetadataLogContract;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.etcd.EtcdMetadataLog;
import io.millrace.storage.object.MemoryObjectStore;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract of the metadata log on a real etcd. */
class EtcdMetadataLogIT extends MetadataLogContract {

    @TempDir private static Path folder;
    private static EtcdServer server;
    private static int clusters;
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SplittableRandom random = new SplittableRandom(1);
    private ThreadedEventLoop own;
    private JetcdEtcd etcd;

    @BeforeAll
    static void startEtcd() throws Exception {
        server = EtcdServer.start(folder);
    }

    @AfterAll
    static void stopEtcd() throws Exception {
        server.close();
    }

    @BeforeEach
    void connect() {
        clusters++;
        own = new ThreadedEventLoop();
        etcd =
                JetcdEtcd.open(
                        EtcdSettings.of(server.endpoints(), Optional.empty(), Optional.empty()),
                        own.loop,
                        random.split());
    }

    @AfterEach
    void disconnect() {
        own.run(etcd::close);
        own.close();
    }

    @Override
    protected MetadataLog newLog() {
        return new EtcdMetadataLog(
                own.loop,
                own.loop,
                etcd,
                bucket,
                "test-" + clusters,
                EtcdLogSettings.DEFAULTS,
                () -> true,
                random.split());
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        return own.call(call);
    }
}
