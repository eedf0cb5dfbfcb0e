package io.millrace.it;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.etcd.EtcdMetadataLog;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.object.ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The metadata log of one process on a real etcd, and the entries that it read. Called by one
 * thread.
 */
@SystemAccess("makes threads")
final class EtcdLogNode implements AutoCloseable {

    /**
     * Shorter than the default, so that tests need not wait long for an unresponsive etcd server.
     */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(1);

    private final ThreadedEventLoop own = new ThreadedEventLoop();
    private final ExecutorService background = Executors.newSingleThreadExecutor();
    private final long incarnation;
    private final JetcdEtcd etcd;
    private final EtcdMetadataLog log;
    private final List<Entry> seen = new ArrayList<>();
    private final List<LogException> broken = new ArrayList<>();
    private long lastN;

    /** Opens the log of the cluster "test". */
    EtcdLogNode(
            List<URI> endpoints, ObjectStore bucket, EtcdLogSettings settings, long incarnation) {
        this(endpoints, bucket, settings, incarnation, CALL_TIMEOUT);
    }

    /** Returns a node whose calls time out later than any test. */
    static EtcdLogNode patient(List<URI> endpoints, ObjectStore bucket, long incarnation) {
        return new EtcdLogNode(
                endpoints, bucket, EtcdLogSettings.DEFAULTS, incarnation, Duration.ofMinutes(5));
    }

    private EtcdLogNode(
            List<URI> endpoints,
            ObjectStore bucket,
            EtcdLogSettings settings,
            long incarnation,
            Duration callTimeout) {
        this.incarnation = incarnation;
        SplittableRandom random = new SplittableRandom(incarnation);
        etcd =
                JetcdEtcd.open(
                        new EtcdSettings(
                                endpoints,
                                Optional.empty(),
                                Optional.empty(),
                                callTimeout,
                                callTimeout),
                        own.loop,
                        random.split());
        log =
                new EtcdMetadataLog(
                        own.loop,
                        background,
                        etcd,
                        bucket,
                        "test",
                        settings,
                        () -> true,
                        random.split());
        own.call(() -> log.open(new EntryRecorder()));
    }

    /** Records everything that the log delivers on the event loop. */
    private final class EntryRecorder implements LogFollower {

        @Override
        public void checkpoint(LogPosition position, long digest, byte[] bytes, String name) {
            throw new AssertionError("no checkpoint was stored");
        }

        @Override
        public void entry(LogPosition position, byte[] bytes) {
            seen.add(EntryCodec.decode(bytes));
        }

        @Override
        public OptionalLong digestAt(LogPosition position) {
            return OptionalLong.of(0);
        }

        @Override
        public void logFailed(LogException why) {
            broken.add(why);
        }
    }

    /** Appends the next entry of this incarnation. */
    CompletableFuture<AppendOutcome> append() {
        long n = ++lastN;
        Entry entry =
                new Entry(incarnation, n, List.of(new Command.TopicCreated("t" + n, 1, Map.of())));
        CompletableFuture<AppendOutcome> done = new CompletableFuture<>();
        own.run(() ->
                log.append(new EntryId(0, incarnation, n), EntryCodec.encode(entry))
                        .thenAccept(done::complete));
        return done;
    }

    /** Runs the periodic work of a server. */
    void maintain() {
        own.run(log::maintain);
    }

    /** Returns the number of archives that this node knows. */
    int archives() {
        maintain();
        return log.statistics().archives();
    }

    /** Returns the number of epochs that this node sealed. */
    long seals() {
        return log.statistics().seals();
    }

    /** Returns the current end of the log in etcd. */
    long head() {
        return own.call(log::head).entry();
    }

    /** Returns the entries that this node has read, as "INCARNATION-N". */
    List<String> seen() {
        return own.call(() ->
                CompletableFuture.completedFuture(
                        seen.stream()
                                .map(entry -> entry.incarnation() + "-" + entry.sequence())
                                .toList()));
    }

    /**
     * Returns the entries that this node has read, without the repetitions that {@code apply}
     * skips.
     */
    List<String> applied() {
        return seen().stream().distinct().toList();
    }

    List<LogException> broken() {
        return own.call(() -> CompletableFuture.completedFuture(List.copyOf(broken)));
    }

    @Override
    public void close() {
        own.run(etcd::close);
        own.close();
        background.shutdownNow();
    }
}
