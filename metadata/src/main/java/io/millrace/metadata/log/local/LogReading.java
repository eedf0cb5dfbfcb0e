package io.millrace.metadata.log.local;

import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * A read of a log from its checkpoint to its end. Reads sources on the reader's thread, one at a
 * time, and delivers their entries on the event loop.
 */
final class LogReading {

    /**
     * The result of a read.
     *
     * @param sealed the sealed epochs that are still files, oldest first
     */
    record LogReadResult(long position, List<EpochFiles.SealedEpoch> sealed) {}

    private interface Source {
        EpochFrames.EpochContent read() throws IOException;
    }

    private final EventLoop loop;
    private final Executor reader;
    private final Disk disk;
    private final Path folder;
    private final LogArchive archive;
    private final EpochFiles files;
    private final LogFollower follower;
    private final List<Source> sources = new ArrayList<>();
    private final List<EpochFiles.SealedEpoch> sealed = new ArrayList<>();
    private final CompletableFuture<LogReadResult> end = new CompletableFuture<>();
    private long delivered;

    LogReading(
            EventLoop loop,
            Executor reader,
            Disk disk,
            Path folder,
            LogArchive archive,
            EpochFiles files,
            LogFollower follower) {
        this.loop = loop;
        this.reader = reader;
        this.disk = disk;
        this.folder = folder;
        this.archive = archive;
        this.files = files;
        this.follower = follower;
    }

    /**
     * Completes on the event loop; fails with a {@link LogException} or with the follower's
     * exception.
     */
    CompletableFuture<LogReadResult> start() {
        reader.execute(() -> attempt(this::begin));
        return end;
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(Step step) {
        try {
            step.run();
        } catch (CompletionException failure) {
            fail(failure.getCause() instanceof LogException log ? log : unreadable(failure));
        } catch (IOException failure) {
            fail(unreadable(failure));
        } catch (RuntimeException failure) {
            fail(failure);
        }
    }

    private LogException unreadable(Exception failure) {
        return new LogException.Unavailable(
                "The metadata log in %s cannot be read: %s".formatted(folder, failure.getMessage()),
                failure);
    }

    private void fail(RuntimeException failure) {
        loop.execute(() -> end.completeExceptionally(failure));
    }

    private void begin() throws IOException {
        disk.createDirectories(folder);
        LogManifest manifest = archive.load();
        for (StoredArchive past : manifest.uncovered()) {
            sources.add(() -> archive.read(past));
        }
        List<EpochFrames.EpochContent> live =
                files.open(manifest.firstLiveEpoch(), manifest.firstLivePosition());
        live.forEach(content -> sources.add(() -> content));
        for (EpochFrames.EpochContent content : live.subList(0, Math.max(0, live.size() - 1))) {
            sealed.add(
                    new EpochFiles.SealedEpoch(
                            content.epoch(), content.firstPosition(), content.entries().size()));
        }
        Optional<StoredCheckpoint> checkpoint = manifest.checkpoint();
        if (checkpoint.isPresent()) {
            byte[] bytes = archive.read(checkpoint.get());
            loop.execute(() -> attempt(() -> deliver(checkpoint.get(), bytes)));
        } else {
            loop.execute(() -> deliverNextSource(sources.iterator()));
        }
    }

    private void deliver(StoredCheckpoint checkpoint, byte[] bytes) {
        delivered = checkpoint.getPosition();
        follower.checkpoint(
                new LogPosition(0, delivered),
                checkpoint.getDigest(),
                bytes,
                "checkpoint " + checkpoint.getKey());
        deliverNextSource(sources.iterator());
    }

    private void deliverNextSource(Iterator<Source> rest) {
        if (!rest.hasNext()) {
            end.complete(new LogReadResult(delivered, sealed));
            return;
        }
        Source next = rest.next();
        reader.execute(() ->
                attempt(() -> {
                    EpochFrames.EpochContent content = next.read();
                    loop.execute(() ->
                            attempt(() -> {
                                deliver(content);
                                deliverNextSource(rest);
                            }));
                }));
    }

    private void deliver(EpochFrames.EpochContent content) {
        if (content.firstPosition() > delivered + 1) {
            throw new LogException.Corrupt(
                    "entries %d to %d are missing from the log in %s"
                            .formatted(delivered + 1, content.firstPosition() - 1, folder),
                    null);
        }
        for (int i = 0; i < content.entries().size(); i++) {
            if (content.firstPosition() + i == delivered + 1) {
                delivered++;
                follower.entry(new LogPosition(0, delivered), content.entries().get(i));
            }
        }
    }
}
