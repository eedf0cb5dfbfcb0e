package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.disk.SystemDisk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.StorageMetrics;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Access to buckets and etcd for commands that run without a node. Used by the thread of the
 * command, which blocks.
 */
@SystemAccess("creates threads and randomness of a command")
public final class ClusterAccess implements AutoCloseable {

    /**
     * A bucket.
     *
     * @param records for lists and small reads, with short deadlines
     * @param metadata for archives and checkpoints of any size
     */
    public record Bucket(ObjectStore records, ObjectStore metadata) {}

    private final CloseStack closing = new CloseStack();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final SecureRandom random = new SecureRandom();
    private final EventLoops loops;
    private final ExecutorService workers;

    public ClusterAccess() {
        loops = closing.add(new EventLoops(new TaskMetrics(registry)));
        workers =
                closing.add(
                        Executors.newFixedThreadPool(
                                Math.max(2, Runtime.getRuntime().availableProcessors()),
                                Thread.ofPlatform().name("millrace-command-", 0).factory()));
    }

    /**
     * Opens the bucket of these settings.
     *
     * @throws StartFailure if the bucket cannot be listed
     */
    public Bucket bucket(ServerSettings settings) {
        Buckets.Stores stores =
                Buckets.open(
                        settings,
                        new SystemDisk(),
                        loop(),
                        workers,
                        random,
                        new StorageMetrics(registry),
                        closing);
        return new Bucket(stores.records(), stores.metadata());
    }

    /** Opens a client of etcd on {@link #loop}. */
    public JetcdEtcd etcd(EtcdSettings settings) {
        JetcdEtcd etcd = JetcdEtcd.open(settings, loop(), random);
        closing.add(() -> loop().runNowOrLater(etcd::close));
        return etcd;
    }

    public EventLoop loop() {
        return loops.owner();
    }

    public SecureRandom random() {
        return random;
    }

    /**
     * Waits for a step of the command and throws its failure.
     *
     * @throws StartFailure if the command is interrupted
     */
    public static <T> T await(CompletableFuture<T> step) {
        try {
            return step.get();
        } catch (ExecutionException failure) {
            Throwable cause = FutureFailures.unwrap(failure);
            throw cause instanceof RuntimeException known
                    ? known
                    : new IllegalStateException(cause);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure("the command was interrupted.");
        }
    }

    @Override
    public void close() {
        closing.close();
    }
}
