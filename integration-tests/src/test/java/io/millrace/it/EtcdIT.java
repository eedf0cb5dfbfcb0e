package io.millrace.it;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdContract;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.runtime.loop.EventLoop;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract of the fake etcd against a real one. */
class EtcdIT extends EtcdContract {

    @TempDir private static Path folder;
    private static EtcdServer server;
    private static ThreadedEventLoop own;
    private static int prefixes;

    @BeforeAll
    static void startEtcd() throws Exception {
        server = EtcdServer.start(folder);
        own = new ThreadedEventLoop();
    }

    @AfterAll
    static void stopEtcd() throws Exception {
        own.close();
        server.close();
    }

    @Override
    protected Etcd newClient() {
        return JetcdEtcd.open(
                EtcdSettings.of(server.endpoints(), Optional.empty(), Optional.empty()),
                own.loop,
                new SplittableRandom(1));
    }

    @Override
    protected String newPrefix() {
        return "/test-" + prefixes++ + "/";
    }

    @Override
    protected EventLoop loop() {
        return own.loop;
    }

    @Override
    protected <T> T onLoop(Supplier<CompletableFuture<T>> call) {
        return own.call(call);
    }
}
