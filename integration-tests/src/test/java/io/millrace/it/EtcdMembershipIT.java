package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.membership.etcd.EtcdMembershipContract;
import io.millrace.runtime.loop.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract of the cluster membership on a real etcd. */
class EtcdMembershipIT extends EtcdMembershipContract {

    private static final int LONGEST_SECONDS = 30;

    @TempDir private static Path folder;
    private static EtcdServer server;
    private static int clusters;
    private final List<AutoCloseable> open = new ArrayList<>();
    private ThreadedEventLoop own;

    @BeforeAll
    static void startEtcd() throws Exception {
        server = EtcdServer.start(folder);
    }

    @AfterAll
    static void stopEtcd() throws Exception {
        server.close();
    }

    @BeforeEach
    void begin() {
        clusters++;
        own = new ThreadedEventLoop();
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
        own.close();
    }

    @Override
    protected ProcessConnection newConnection() {
        try {
            Link link = Link.toEtcd(server.endpoints().getFirst());
            open.add(link);
            JetcdEtcd etcd =
                    JetcdEtcd.open(
                            EtcdSettings.of(
                                    List.of(link.endpoint()), Optional.empty(), Optional.empty()),
                            own.loop,
                            new SplittableRandom(1));
            open.add(() -> own.run(etcd::close));
            return new ProcessConnection(etcd, () -> cut(link), link::mend);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void cut(Link link) {
        try {
            link.cut();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected EventLoop loop() {
        return own.loop;
    }

    @Override
    protected String cluster() {
        return "c" + clusters;
    }

    @Override
    protected void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting until %s", what).isLessThan(deadline);
            own.pass(Duration.ofMillis(10));
        }
    }

    @Override
    protected void pass(Duration time) {
        own.pass(time);
    }

    @Test
    void membershipContinuesAfterARestartOfEtcd() throws Exception {
        Node a = start("a", 1, 9001);
        Node b = start("b", 2, 9002);
        server.kill();
        pass(LIFE.multipliedBy(2));
        assertThat(a.nodes()).as("the last that it knew").contains("a");
        server.restart();
        long backNanos = System.nanoTime();
        Node c = start("c", 3, 9003);
        await(
                "all know of all",
                () ->
                        List.of(a, b, c).stream()
                                .allMatch(node -> node.nodes().equals(List.of("a", "b", "c"))));
        System.out.printf(
                "EtcdMembershipIT: all nodes know of all %d ms after etcd was back%n",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - backNanos));

        assertThat(a.isOusted() || b.isOusted()).isFalse();
    }
}
