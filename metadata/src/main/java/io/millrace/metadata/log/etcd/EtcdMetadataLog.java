package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.LogStatistics;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.Backoff;
import io.millrace.runtime.retry.BackoffSequence;
import io.millrace.storage.object.ObjectStore;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The metadata log of a cluster. Entries are keys in etcd, ordered by revision; sealed epochs and
 * checkpoints are objects in the bucket. Any number of processes may have the log open.
 *
 * <p>While etcd is unavailable, an append is retried until its entry is delivered or the log is
 * closed. Closing waits for at most one more attempt. Owned by its event loop.
 */
public final class EtcdMetadataLog implements MetadataLog {

    private final EventLoop loop;
    private final Etcd etcd;
    private final EtcdKeys keys;
    private final EtcdGeneration generation;
    private final EtcdLogSettings settings;
    private final BooleanSupplier isSealer;
    private final EtcdLogReader reader;
    private final EtcdAppender appender;
    private final EtcdSealer sealer;
    private final DigestVotes votes;
    private final EpochEnds ends = new EpochEnds();
    private final UnarchivedEntries unarchived = new UnarchivedEntries();
    private final UncoveredArchives uncovered;
    private final EtcdOutage outage;
    private final EtcdSpace space;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private @Nullable LogFollower follower;
    private boolean closing;
    private long epoch;
    private long epochEntries;
    private long epochBytes;
    private long epochStartNanos;
    private long checkpointNanos;
    private boolean received;
    private volatile LogStatistics statistics = LogStatistics.NONE;
    private volatile long currentNanos;

    /**
     * @param background the executor that encodes archives and checkpoints
     * @param etcd the client on the same event loop; the caller closes it
     * @param isSealer whether this process seals; several sealers are safe but duplicate work
     */
    @SuppressWarnings("TooManyParameters")
    public EtcdMetadataLog(
            EventLoop loop,
            Executor background,
            Etcd etcd,
            ObjectStore bucket,
            String cluster,
            EtcdLogSettings settings,
            BooleanSupplier isSealer,
            RandomGenerator random) {
        this.loop = loop;
        this.etcd = etcd;
        this.keys = new EtcdKeys(cluster);
        this.generation = new EtcdGeneration(keys, settings.identity());
        this.settings = settings;
        this.checkpointNanos = loop.nanoTime();
        this.isSealer = isSealer;
        LogArchiveStore past = new LogArchiveStore(bucket, cluster, random);
        this.outage = new EtcdOutage(loop);
        this.uncovered = new UncoveredArchives(loop, settings.maxUncoveredBytes());
        this.space = new EtcdSpace(loop, etcd, random);
        this.reader =
                new EtcdLogReader(
                        loop,
                        etcd,
                        keys,
                        settings,
                        backoff(random),
                        outage,
                        new EtcdSnapshotReading.ReadingFactory(
                                loop, etcd, keys, generation, past, settings),
                        new ReaderSink());
        this.appender =
                new EtcdAppender(
                        loop, etcd, keys, generation, reader, settings, backoff(random), outage);
        this.votes = new DigestVotes(loop, etcd, keys, generation, random.nextLong());
        this.sealer =
                new EtcdSealer(
                        loop,
                        background,
                        etcd,
                        keys,
                        generation,
                        past,
                        settings,
                        reader::delivered,
                        this::digestAt,
                        votes);
    }

    private BackoffSequence backoff(RandomGenerator random) {
        return Backoff.jittered(settings.firstBackoff(), settings.maxBackoff(), random).sequence();
    }

    private OptionalLong digestAt(LogPosition position) {
        return follower == null ? OptionalLong.empty() : follower.digestAt(position);
    }

    private final class ReaderSink implements EtcdLogReader.Sink {

        @Override
        public void checkpoint(LogPosition position, long digest, byte[] bytes, String name) {
            if (follower != null) {
                follower.checkpoint(position, digest, bytes, name);
            }
        }

        @Override
        public void entry(long number, EtcdKeys.@Nullable EntryKey key, byte[] bytes) {
            received = true;
            currentNanos = loop.nanoTime();
            byte[] own = key == null ? bytes : appender.reuseOwnBytes(key.id(), bytes);
            if (follower != null) {
                follower.entry(new LogPosition(0, number), own);
            }
            if (key != null) {
                ends.note(key.epoch(), number);
                unarchived.note(key.epoch(), loop.nanoTime());
                count(key.epoch(), bytes.length);
                appender.delivered(key.id());
            }
        }

        @Override
        public void epoch(long current) {
            appender.epoch(current);
            begin(current);
            vote();
        }

        @Override
        public void manifest(byte[] bytes, long modRevision) {
            LogManifest seen = LogManifest.parse(bytes, keys.manifest);
            sealer.manifest(seen, modRevision);
            ends.forgetBefore(seen.firstLiveEpoch());
            unarchived.archived(seen.firstLiveEpoch());
            compareDigests(seen);
            updateStatistics();
        }

        @Override
        public void initialReadDone() {
            currentNanos = loop.nanoTime();
            updateStatistics();
            opened.complete(null);
        }

        @Override
        public void logFailed(RuntimeException why) {
            LogException failure = LogFailures.asLogException(why);
            appender.stop(
                    new Problem(Reason.METADATA_UNAVAILABLE, String.valueOf(failure.getMessage())));
            if (!opened.completeExceptionally(why) && follower != null) {
                follower.logFailed(failure);
            }
        }
    }

    private void begin(long current) {
        if (current > epoch) {
            epoch = current;
            epochEntries = 0;
            epochBytes = 0;
        }
    }

    private void count(long ofEpoch, int bytes) {
        begin(ofEpoch);
        if (ofEpoch == epoch) {
            if (epochEntries++ == 0) {
                epochStartNanos = loop.nanoTime();
            }
            epochBytes += bytes;
        }
    }

    /** Stops the follower if its digest differs from that of an archived epoch. */
    private void compareDigests(LogManifest manifest) {
        for (StoredArchive archive : manifest.archives()) {
            LogPosition end = new LogPosition(0, LogManifest.lastPosition(archive));
            OptionalLong own = digestAt(end);
            boolean comparable = archive.getDigest() != LogManifest.NO_DIGEST && own.isPresent();
            if (comparable && own.getAsLong() != archive.getDigest() && follower != null) {
                follower.logFailed(
                        EtcdSealer.differs(end.entry(), own.getAsLong(), archive.getDigest()));
                return;
            }
        }
    }

    /** Publishes the digest at the end of the oldest epoch that waits to be archived. */
    private void vote() {
        long waiting = sealer.manifest().firstLiveEpoch();
        if (opened.isDone() && waiting < epoch) {
            ends.of(waiting)
                    .ifPresent(end ->
                            digestAt(new LogPosition(0, end))
                                    .ifPresent(own -> votes.publish(end, own)));
        }
    }

    private void archive() {
        sealer.archive(epoch, ends.of(sealer.manifest().firstLiveEpoch()))
                .whenComplete((done, failure) -> {
                    if (failure != null
                            && FutureFailures.unwrap(failure)
                                    instanceof LogException.Corrupt outvoted
                            && follower != null) {
                        follower.logFailed(outvoted);
                    }
                });
    }

    private void updateStatistics() {
        statistics =
                new LogStatistics(
                        epochBytes,
                        sealer.seals(),
                        sealer.manifest().archives().size(),
                        sealer.manifest().uncovered().size(),
                        Duration.ZERO,
                        Duration.ZERO,
                        sealer.dispute());
    }

    @Override
    public CompletableFuture<Void> open(LogFollower newFollower) {
        follower = newFollower;
        reader.open();
        return opened;
    }

    @Override
    public CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes) {
        return appender.append(id, bytes).whenComplete((outcome, failure) -> finishClosing());
    }

    @Override
    public CompletableFuture<LogPosition> head() {
        CompletableFuture<LogPosition> head = new CompletableFuture<>();
        LogProgress reached = reader.progress();
        etcd.txn(
                        List.of(),
                        List.of(
                                new Etcd.Op.Get(keys.head),
                                new Etcd.Op.Get(keys.epoch),
                                generation.readOperations().get(0),
                                generation.readOperations().get(1)),
                        List.of())
                .whenComplete((result, failure) -> {
                    if (failure == null) {
                        LogProgress end =
                                LogProgress.of(result.gets().get(1), result.gets().get(0));
                        long number = end.entries();
                        reader.noteGeneration(result.gets().subList(2, 4));
                        reader.noteHead(reached, end);
                        if (number <= reader.delivered()) {
                            currentNanos = loop.nanoTime();
                        }
                        head.complete(new LogPosition(0, number));
                    } else {
                        head.completeExceptionally(
                                LogFailures.asLogException(LogFailures.causeOf(failure)));
                    }
                });
        return head;
    }

    @Override
    public void maintain() {
        updateStatistics();
        if (closing || !opened.isDone()) {
            return;
        }
        if (!received) {
            // A silent watch may be cut off, so the head is read.
            head();
        }
        received = false;
        space.check(outage);
        vote();
        if (isSealer.getAsBoolean()) {
            seal();
        }
    }

    private void seal() {
        uncovered.reportIfMany(sealer.manifest());
        if (!sealer.isBusy()) {
            if (sealer.manifest().firstLiveEpoch() < epoch) {
                if (!uncovered.isFull(sealer.manifest())) {
                    archive();
                }
            } else if (isEpochFull()) {
                sealer.startEpoch(epoch);
            } else if (sealer.isCopyDue()) {
                sealer.copyManifest();
            } else {
                sealer.removeExpiredCheckpoints();
            }
        }
    }

    private boolean isEpochFull() {
        boolean old =
                epochEntries > 0
                        && loop.nanoTime() - epochStartNanos >= settings.sealAge().toNanos();
        return old || epochEntries >= settings.sealEntries() || epochBytes >= settings.sealBytes();
    }

    @Override
    public boolean isCheckpointDue() {
        int after = sealer.manifest().uncovered().size();
        boolean late = loop.nanoTime() - checkpointNanos >= settings.checkpointAge().toNanos();
        return isSealer.getAsBoolean()
                && !sealer.isBusy()
                && sealer.dispute().isEmpty()
                && (after >= settings.checkpointArchives() || (after > 0 && late));
    }

    @Override
    public CompletableFuture<Void> storeCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot) {
        checkpointNanos = loop.nanoTime();
        return sealer.storeCheckpoint(position, digest, snapshot);
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        CompletableFuture<LogManifest> found = new CompletableFuture<>();
        sealer.currentManifest()
                .whenComplete((manifest, failure) -> {
                    if (failure == null) {
                        found.complete(manifest);
                    } else {
                        found.completeExceptionally(
                                LogFailures.asLogException(LogFailures.causeOf(failure)));
                    }
                });
        return found;
    }

    @Override
    public long generation() {
        return generation.number();
    }

    @Override
    public LogStatistics statistics() {
        LogStatistics noted = statistics;
        Duration stale = Duration.ofNanos(Math.max(0, loop.nanoTime() - currentNanos));
        return new LogStatistics(
                noted.liveBytes(),
                noted.seals(),
                noted.archives(),
                noted.uncovered(),
                stale,
                unarchived.age(loop.nanoTime()),
                noted.dispute());
    }

    @Override
    public CompletableFuture<Void> close() {
        closing = true;
        finishClosing();
        loop.schedule(
                settings.maxBackoff().plus(settings.deliveryTimeout()),
                () ->
                        appender.stop(
                                new Problem(
                                        Reason.SHUTTING_DOWN,
                                        "etcd did not answer while this node was shutting down. Retry at another node.")));
        return closed;
    }

    private void finishClosing() {
        if (closing && appender.isIdle() && !closed.isDone()) {
            reader.close();
            sealer.close();
            closed.complete(null);
        }
    }
}
