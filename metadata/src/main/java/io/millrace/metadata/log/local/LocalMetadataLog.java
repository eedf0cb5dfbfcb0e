package io.millrace.metadata.log.local;

import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.LogStatistics;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The metadata log of a single process: a file per epoch, and sealed epochs and checkpoints in the
 * bucket. Entries queued while the disk is busy are written and synced together.
 *
 * <p>If a write fails for a reason other than a full disk, the content of the disk is unknown. The
 * log then accepts no appends until opened again. Owned by its event loop.
 */
public final class LocalMetadataLog implements MetadataLog {

    private static final Logger LOG = Logger.getLogger(LocalMetadataLog.class);

    private record WaitingAppend(byte[] bytes, CompletableFuture<AppendOutcome> done) {}

    private final EventLoop loop;
    private final Executor appender;
    private final Disk disk;
    private final Path folder;
    private final LocalLogSettings settings;
    private final EpochFiles files;
    private final LogArchive archive;
    private final EpochWriter writer;
    private final LocalArchiver past;
    private final ArrayDeque<WaitingAppend> queue = new ArrayDeque<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private @Nullable LogFollower follower;
    private @Nullable Problem broken;
    private boolean writing;
    private boolean diskFull;
    private boolean closing;
    private long delivered;
    private long epochEntries;
    private long epochStartNanos;
    private long checkpointNanos;
    private long liveBytes;
    private long seals;
    private volatile LogStatistics statistics = LogStatistics.NONE;

    /**
     * @param appender an executor that runs one task at a time, for appends
     * @param background an executor that runs one task at a time, for sealing and checkpoints; may
     *     be the same
     * @param folder the log's own folder; the caller holds a {@link FolderLock}
     */
    @SuppressWarnings("TooManyParameters")
    public LocalMetadataLog(
            EventLoop loop,
            Executor appender,
            Executor background,
            Disk disk,
            Path folder,
            ObjectStore bucket,
            String cluster,
            LocalLogSettings settings,
            RandomGenerator random) {
        this.loop = loop;
        this.appender = appender;
        this.disk = disk;
        this.folder = folder;
        this.settings = settings;
        this.checkpointNanos = loop.nanoTime();
        this.files = new EpochFiles(disk, folder);
        this.writer = new EpochWriter(files, folder, settings);
        this.archive =
                new LogArchive(
                        disk,
                        new LogArchiveStore(bucket, cluster, random),
                        new ManifestFile(disk, folder),
                        settings);
        this.past = new LocalArchiver(loop, background, archive, files, this::corrupt);
    }

    @Override
    public CompletableFuture<Void> open(LogFollower newFollower) {
        follower = newFollower;
        return new LogReading(loop, appender, disk, folder, archive, files, newFollower)
                .start()
                .thenAccept(end -> {
                    delivered = end.position();
                    epochEntries = files.entries();
                    epochStartNanos = loop.nanoTime();
                    liveBytes = files.sizeBytes();
                    past.start(end.sealed());
                    updateStatistics();
                });
    }

    private void updateStatistics() {
        statistics = LogStatistics.ofSingleProcess(liveBytes, seals, past.manifest());
    }

    @Override
    public CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes) {
        CompletableFuture<AppendOutcome> done = new CompletableFuture<>();
        if (broken != null) {
            done.complete(new AppendOutcome.NotAppended(broken));
            return done;
        }
        queue.add(new WaitingAppend(bytes, done));
        writeNext();
        return done;
    }

    private void writeNext() {
        if (writing || queue.isEmpty()) {
            finishClosing();
            return;
        }
        writing = true;
        List<WaitingAppend> group = new ArrayList<>(queue);
        queue.clear();
        List<byte[]> entries = group.stream().map(WaitingAppend::bytes).toList();
        appender.execute(() -> {
            AppendOutcome outcome = writer.write(entries);
            Optional<EpochFiles.SealedEpoch> sealed =
                    outcome instanceof AppendOutcome.Appended
                            ? writer.sealIfFull()
                            : Optional.empty();
            long bytes = files.sizeBytes();
            loop.execute(() -> written(group, outcome, sealed, bytes));
        });
    }

    private void written(
            List<WaitingAppend> group,
            AppendOutcome outcome,
            Optional<EpochFiles.SealedEpoch> sealed,
            long bytes) {
        writing = false;
        liveBytes = bytes;
        logDiskSpaceChange(outcome);
        if (outcome instanceof AppendOutcome.Appended) {
            group.forEach(append -> deliver(append.bytes()));
        }
        sealed.ifPresent(this::began);
        updateStatistics();
        if (outcome instanceof AppendOutcome.Indeterminate lost) {
            rejectAll(lost.problem());
        }
        group.forEach(append -> append.done().complete(outcome));
        writeNext();
    }

    /** Logs only changes, not every append. */
    private void logDiskSpaceChange(AppendOutcome outcome) {
        boolean nowFull = outcome instanceof AppendOutcome.NotAppended;
        if (nowFull && !diskFull) {
            LOG.warnf(
                    "the disk of the metadata log in %s is full: producers wait until there is space",
                    folder);
        } else if (diskFull && !nowFull) {
            LOG.infof("the disk of the metadata log in %s has space again", folder);
        }
        diskFull = nowFull;
    }

    private void deliver(byte[] bytes) {
        if (epochEntries++ == 0) {
            epochStartNanos = loop.nanoTime();
        }
        delivered++;
        if (follower != null) {
            follower.entry(new LogPosition(0, delivered), bytes);
        }
    }

    private void began(EpochFiles.SealedEpoch before) {
        epochEntries = 0;
        seals++;
        past.add(before);
    }

    private void corrupt(LogException.Corrupt bad) {
        rejectAll(new Problem(Reason.METADATA_UNAVAILABLE, String.valueOf(bad.getMessage())));
        if (follower != null) {
            follower.logFailed(bad);
        }
    }

    private void rejectAll(Problem why) {
        broken = why;
        List<WaitingAppend> rejected = List.copyOf(queue);
        queue.clear();
        rejected.forEach(append -> append.done().complete(new AppendOutcome.NotAppended(why)));
    }

    @Override
    public CompletableFuture<LogPosition> head() {
        // No other process writes, so every acknowledged entry was delivered.
        return CompletableFuture.completedFuture(new LogPosition(0, delivered));
    }

    @Override
    public void maintain() {
        past.archiveNext();
        updateStatistics();
        boolean old =
                epochEntries > 0
                        && loop.nanoTime() - epochStartNanos >= settings.sealAge().toNanos();
        if (old && !writing && !closing && broken == null) {
            writing = true;
            appender.execute(() -> {
                Optional<EpochFiles.SealedEpoch> before = writer.seal();
                loop.execute(() -> {
                    writing = false;
                    before.ifPresent(this::began);
                    writeNext();
                });
            });
        }
    }

    @Override
    public boolean isCheckpointDue() {
        int uncovered = past.uncovered();
        boolean late = loop.nanoTime() - checkpointNanos >= settings.checkpointAge().toNanos();
        return uncovered >= settings.checkpointArchives() || (uncovered > 0 && late);
    }

    @Override
    public CompletableFuture<Void> storeCheckpoint(
            LogPosition position, long digest, StateSnapshot snapshot) {
        checkpointNanos = loop.nanoTime();
        return past.storeCheckpoint(position, digest, snapshot);
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        return CompletableFuture.completedFuture(past.manifest());
    }

    @Override
    public long generation() {
        return 1;
    }

    @Override
    public LogStatistics statistics() {
        return statistics;
    }

    @Override
    public CompletableFuture<Void> close() {
        closing = true;
        past.close().thenRun(this::finishClosing);
        finishClosing();
        return closed;
    }

    private void finishClosing() {
        if (!closing || writing || !queue.isEmpty() || !past.close().isDone() || closed.isDone()) {
            return;
        }
        writing = true;
        appender.execute(() -> {
            try {
                files.close();
            } catch (IOException e) {
                LOG.warnf("closing the log in %s: %s", folder, e.getMessage());
            }
            loop.execute(() -> closed.complete(null));
        });
    }
}
