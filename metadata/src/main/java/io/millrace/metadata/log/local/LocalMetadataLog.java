package io.millrace.metadata.log.local;

import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFigures;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.proto.LocalManifest;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The metadata log of one process: an append-only file for each epoch, sealed epochs and
 * checkpoints in the bucket. All that is queued while the disk is busy is written and synced at
 * once. After a write that failed for another reason than a full disk, what the disk holds cannot
 * be known, so the log takes nothing more until it is opened again. Owned by its loop.
 */
public final class LocalMetadataLog implements MetadataLog {

    private static final Logger LOG = Logger.getLogger(LocalMetadataLog.class);

    private record Waiting(byte[] bytes, CompletableFuture<AppendOutcome> done) {}

    private final Loop loop;
    private final Executor appender;
    private final Executor background;
    private final Disk disk;
    private final Path folder;
    private final LocalLogSettings settings;
    private final EpochFiles files;
    private final LogArchive archive;
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private final ArrayDeque<EpochFiles.Sealed> sealed = new ArrayDeque<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private @Nullable LogFollower follower;
    private @Nullable Problem broken;
    private boolean writing;
    private boolean archiving;
    private boolean closing;
    private long delivered;
    private long epochEntries;
    private long epochStartNanos;
    private int uncoveredArchives;
    private volatile LogFigures figures = new LogFigures(0, 0, 0);

    /**
     * @param loop the owner
     * @param appender runs one task at a time: the writes that appends wait for
     * @param background runs one task at a time: sealing and checkpoints; may be the same
     * @param folder the log's own; the caller holds a {@link FolderLock} on it
     * @param random for names of objects that no other attempt has
     */
    @SuppressWarnings("TooManyParameters")
    public LocalMetadataLog(
            Loop loop,
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
        this.background = background;
        this.disk = disk;
        this.folder = folder;
        this.settings = settings;
        this.files = new EpochFiles(disk, folder);
        this.archive =
                new LogArchive(
                        disk, bucket, cluster, new ManifestFile(disk, folder), settings, random);
    }

    /** A step of opening: reads on the appender's thread, and its entries go to the loop. */
    private interface Source {
        EpochFrames.Content read() throws IOException;
    }

    @Override
    public CompletableFuture<Void> open(LogFollower newFollower) {
        follower = newFollower;
        CompletableFuture<Void> opened = new CompletableFuture<>();
        appender.execute(() -> attempt(opened, () -> readPast(newFollower, opened)));
        return opened;
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(CompletableFuture<Void> opened, Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException e) {
            RuntimeException failure =
                    e instanceof LogException log
                            ? log
                            : e instanceof java.util.concurrent.CompletionException
                                            || e instanceof IOException
                                    ? new LogException.Unavailable(
                                            "The metadata log in %s cannot be read: %s"
                                                    .formatted(folder, e.getMessage()),
                                            e)
                                    : (RuntimeException) e;
            loop.execute(() -> opened.completeExceptionally(failure));
        }
    }

    private void readPast(LogFollower to, CompletableFuture<Void> opened) throws IOException {
        disk.createDirectories(folder);
        LocalManifest manifest = archive.load();
        List<Source> sources = new ArrayList<>();
        for (StoredArchive past : manifest.getArchivesList()) {
            if (archive.isNeeded(past)) {
                sources.add(() -> readArchive(past));
            }
        }
        List<EpochFrames.Content> live =
                files.open(manifest.getFirstLiveEpoch(), manifest.getFirstLivePosition());
        live.forEach(content -> sources.add(() -> content));
        for (int i = 0; i + 1 < live.size(); i++) {
            EpochFrames.Content content = live.get(i);
            sealed.add(
                    new EpochFiles.Sealed(
                            content.epoch(), content.firstPosition(), content.entries().size()));
        }
        if (manifest.hasCheckpoint()) {
            StoredCheckpoint checkpoint = manifest.getCheckpoint();
            byte[] bytes = archive.fetch(checkpoint.getKey(), checkpoint.getSizeBytes());
            loop.execute(() ->
                    attempt(
                            opened,
                            () -> {
                                delivered = checkpoint.getPosition();
                                to.checkpoint(
                                        new LogPosition(0, delivered),
                                        checkpoint.getDigest(),
                                        bytes,
                                        "checkpoint " + checkpoint.getKey());
                                deliverRest(sources.iterator(), to, opened);
                            }));
        } else {
            loop.execute(() -> deliverRest(sources.iterator(), to, opened));
        }
    }

    private EpochFrames.Content readArchive(StoredArchive past) {
        String name = "archive " + past.getKey();
        EpochFrames.Content content =
                EpochFrames.read(archive.fetch(past.getKey(), past.getSizeBytes()), name);
        if (content.entries().size() != past.getEntries()
                || content.firstPosition() != past.getFirstPosition()) {
            throw new LogException.Corrupt(
                    name + " is corrupt at byte " + content.soundBytes(), null);
        }
        return content;
    }

    private void deliverRest(
            Iterator<Source> sources, LogFollower to, CompletableFuture<Void> opened) {
        if (!sources.hasNext()) {
            epochEntries = files.entries();
            epochStartNanos = loop.nanoTime();
            uncoveredArchives = archive.uncovered();
            figures = new LogFigures(files.sizeBytes(), 0, archive.archives());
            opened.complete(null);
            return;
        }
        Source next = sources.next();
        appender.execute(() ->
                attempt(
                        opened,
                        () -> {
                            EpochFrames.Content content = next.read();
                            loop.execute(() ->
                                    attempt(
                                            opened,
                                            () -> {
                                                deliver(content, to);
                                                deliverRest(sources, to, opened);
                                            }));
                        }));
    }

    private void deliver(EpochFrames.Content content, LogFollower to) {
        if (content.firstPosition() > delivered + 1) {
            throw new LogException.Corrupt(
                    "entries %d to %d are missing from the log in %s"
                            .formatted(delivered + 1, content.firstPosition() - 1, folder),
                    null);
        }
        for (int i = 0; i < content.entries().size(); i++) {
            if (content.firstPosition() + i == delivered + 1) {
                delivered++;
                to.entry(new LogPosition(0, delivered), content.entries().get(i));
            }
        }
    }

    @Override
    public CompletableFuture<AppendOutcome> append(EntryId id, byte[] bytes) {
        CompletableFuture<AppendOutcome> done = new CompletableFuture<>();
        if (broken != null) {
            done.complete(new AppendOutcome.NotAppended(broken));
            return done;
        }
        queue.add(new Waiting(bytes, done));
        writeNext();
        return done;
    }

    private void writeNext() {
        if (writing || queue.isEmpty()) {
            finishClosing();
            return;
        }
        writing = true;
        List<Waiting> group = new ArrayList<>(queue);
        queue.clear();
        List<byte[]> entries = group.stream().map(Waiting::bytes).toList();
        appender.execute(() -> {
            AppendOutcome outcome = write(entries);
            Optional<EpochFiles.Sealed> full =
                    outcome instanceof AppendOutcome.Appended ? sealIfFull() : Optional.empty();
            long bytes = files.sizeBytes();
            loop.execute(() -> written(group, outcome, full, bytes));
        });
    }

    private AppendOutcome write(List<byte[]> entries) {
        try {
            files.append(entries);
            return new AppendOutcome.Appended();
        } catch (Disk.DiskFullException full) {
            return takeBack(full);
        } catch (IOException e) {
            return lost(e);
        }
    }

    private AppendOutcome takeBack(Disk.DiskFullException full) {
        try {
            files.undo();
            return new AppendOutcome.NotAppended(
                    new Problem(
                            Reason.STORAGE_FULL,
                            "There is no room for the metadata log in %s; nothing was stored. Make room and try again."
                                    .formatted(folder)));
        } catch (IOException e) {
            e.addSuppressed(full);
            return lost(e);
        }
    }

    private AppendOutcome lost(IOException e) {
        LOG.errorf(e, "the metadata log in %s cannot be written", folder);
        return new AppendOutcome.Lost(
                new Problem(
                        Reason.METADATA_UNAVAILABLE,
                        "The metadata log in %s cannot be written (%s). Mend the disk and restart this process."
                                .formatted(folder, e.getMessage())));
    }

    private Optional<EpochFiles.Sealed> sealIfFull() {
        boolean full =
                files.entries() >= settings.sealEntries()
                        || files.sizeBytes() >= settings.sealBytes();
        return full ? seal() : Optional.empty();
    }

    private Optional<EpochFiles.Sealed> seal() {
        try {
            return files.seal();
        } catch (IOException e) {
            LOG.warnf("an epoch in %s goes on, as it cannot be sealed: %s", folder, e.getMessage());
            return Optional.empty();
        }
    }

    private void written(
            List<Waiting> group,
            AppendOutcome outcome,
            Optional<EpochFiles.Sealed> full,
            long bytes) {
        writing = false;
        if (outcome instanceof AppendOutcome.Lost lost) {
            broken = lost.problem();
        }
        for (Waiting one : group) {
            if (outcome instanceof AppendOutcome.Appended && follower != null) {
                if (epochEntries++ == 0) {
                    epochStartNanos = loop.nanoTime();
                }
                delivered++;
                follower.entry(new LogPosition(0, delivered), one.bytes());
            }
        }
        full.ifPresent(this::began);
        figures = new LogFigures(bytes, figures.seals(), figures.archives());
        group.forEach(one -> one.done().complete(outcome));
        if (broken != null) {
            AppendOutcome refused = new AppendOutcome.NotAppended(broken);
            queue.forEach(one -> one.done().complete(refused));
            queue.clear();
        }
        writeNext();
    }

    private void began(EpochFiles.Sealed before) {
        epochEntries = 0;
        sealed.add(before);
        figures = new LogFigures(figures.liveBytes(), figures.seals() + 1, figures.archives());
        archiveNext();
    }

    private void archiveNext() {
        if (archiving || closing || sealed.isEmpty()) {
            finishClosing();
            return;
        }
        archiving = true;
        EpochFiles.Sealed next = sealed.getFirst();
        background(
                () -> archive.archive(next, files),
                failure -> {
                    if (failure == null) {
                        sealed.removeFirst();
                        archiveNext();
                    } else {
                        LOG.warnf(
                                "epoch %d stays a file for now, as it cannot be archived: %s",
                                next.epoch(), failure.getMessage());
                        finishClosing();
                    }
                });
    }

    private interface After {
        void run(@Nullable Exception failure);
    }

    private void background(Step step, After after) {
        background.execute(() -> {
            Exception failure = null;
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
            Exception result = failure;
            int uncovered = archive.uncovered();
            int archives = archive.archives();
            loop.execute(() -> {
                archiving = false;
                uncoveredArchives = uncovered;
                figures = new LogFigures(figures.liveBytes(), figures.seals(), archives);
                after.run(result);
            });
        });
    }

    @Override
    public CompletableFuture<LogPosition> head() {
        // Nobody else writes, so what is delivered is all that was acknowledged.
        return CompletableFuture.completedFuture(new LogPosition(0, delivered));
    }

    @Override
    public void maintain() {
        archiveNext();
        boolean old =
                epochEntries > 0
                        && loop.nanoTime() - epochStartNanos >= settings.sealAge().toNanos();
        if (old && !writing && !closing && broken == null) {
            writing = true;
            appender.execute(() -> {
                Optional<EpochFiles.Sealed> before = seal();
                loop.execute(() -> {
                    writing = false;
                    before.ifPresent(this::began);
                    writeNext();
                });
            });
        }
    }

    @Override
    public boolean wantsCheckpoint() {
        return uncoveredArchives >= settings.checkpointArchives() && !archiving && !closing;
    }

    @Override
    public CompletableFuture<Void> keepCheckpoint(
            LogPosition position, long digest, List<ByteBuffer> snapshot) {
        CompletableFuture<Void> kept = new CompletableFuture<>();
        archiving = true;
        background(
                () -> archive.keepCheckpoint(position.entry(), digest, snapshot),
                failure -> {
                    if (failure == null) {
                        kept.complete(null);
                    } else {
                        kept.completeExceptionally(
                                new LogException.Unavailable(
                                        String.valueOf(failure.getMessage()), failure));
                    }
                    archiveNext();
                });
        return kept;
    }

    @Override
    public LogFigures figures() {
        return figures;
    }

    @Override
    public CompletableFuture<Void> close() {
        closing = true;
        finishClosing();
        return closed;
    }

    private void finishClosing() {
        if (!closing || writing || archiving || !queue.isEmpty() || closed.isDone()) {
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
