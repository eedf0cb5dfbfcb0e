package io.millrace.fetch.disk;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A disk cache of chunks in files of a local folder, which survives restarts. Unreadable, slow,
 * damaged and foreign files count as absent. A failure is logged once until the disk works again.
 * Owned by the fetch node's event loop; all I/O runs on an executor.
 */
public final class DiskTier implements ChunkStore {

    /** Beyond this time, a GET from the bucket is faster. */
    static final Duration READ_TIMEOUT = Duration.ofMillis(500);

    private static final Logger LOG = Logger.getLogger(DiskTier.class);

    private record OpenedTier(DiskIndex index, DiskWriteQueue writeQueue) {}

    private final DiskTierSettings settings;
    private final ChunkFile format;
    private final DiskFiles files;
    private final EventLoop loop;
    private final Executor executor;
    private final DiskMetrics metrics;
    private final DiskCircuitBreaker readBreaker = new DiskCircuitBreaker();
    private final DiskCircuitBreaker writeBreaker = new DiskCircuitBreaker();
    private @Nullable OpenedTier opened;

    /**
     * Creates a tier that keeps nothing until its folder is listed. If the executor rejects a task,
     * the disk is skipped.
     */
    public DiskTier(
            DiskTierSettings settings,
            Disk disk,
            EventLoop loop,
            Executor executor,
            DiskMetrics metrics) {
        this.settings = settings;
        this.format = new ChunkFile(settings.cluster());
        this.files = new DiskFiles(disk, settings.folder(), format);
        this.loop = loop;
        this.executor = executor;
        this.metrics = metrics;
        loop.execute(this::open);
    }

    private void open() {
        try {
            executor.execute(() -> {
                try {
                    DiskIndex index = index();
                    loop.execute(() -> opened(index));
                } catch (IOException | RuntimeException failure) {
                    loop.execute(() -> notOpened(failure));
                }
            });
        } catch (RejectedExecutionException busy) {
            loop.schedule(DiskCircuitBreaker.PAUSE, this::open);
        }
    }

    /** Deletes files beyond the limits. */
    private DiskIndex index() throws IOException {
        DiskIndex index = new DiskIndex(settings.maxBytes(), settings.maxEntries());
        for (DiskFiles.ListedFile file : files.list()) {
            files.delete(
                    index.addExisting(file.key(), file.bytes()).stream()
                            .map(DiskIndex.IndexedFile::key)
                            .toList());
        }
        return index;
    }

    private void opened(DiskIndex index) {
        DiskWriteQueue lane =
                new DiskWriteQueue(files, index, loop, executor, metrics, this::written);
        opened = new OpenedTier(index, lane);
        metrics.bytes(index.bytes());
        LOG.infof(
                "The disk cache %s has %d chunks, %d MiB of at most %d MiB.",
                settings.folder(), index.size(), index.bytes() >> 20, settings.maxBytes() >> 20);
        if (writeBreaker.succeeded()) {
            logRecovery();
        }
    }

    private void notOpened(Exception failure) {
        failed(writeBreaker, failure);
        loop.schedule(DiskCircuitBreaker.PAUSE, this::open);
    }

    @Override
    public CompletableFuture<Optional<Chunk>> read(ChunkKey key, int length) {
        if (opened == null || readBreaker.isOpen(loop.nanoTime())) {
            return none(DiskMetrics.DiskReadResult.SKIPPED);
        }
        DiskIndex index = opened.index();
        DiskIndex.IndexedFile entry = index.find(key);
        if (entry == null) {
            return none(DiskMetrics.DiskReadResult.MISS);
        }
        if (entry.fileBytes() != format.size(length)) {
            index.markDamaged(entry);
            return none(DiskMetrics.DiskReadResult.DAMAGED);
        }
        CompletableFuture<Optional<Chunk>> result = new CompletableFuture<>();
        long startNanos = loop.nanoTime();
        try {
            executor.execute(() -> {
                DiskFiles.FileReadResult end = ended(key, length);
                loop.execute(() -> arrived(index, entry, end, startNanos, result));
            });
        } catch (RejectedExecutionException busy) {
            return none(DiskMetrics.DiskReadResult.SKIPPED);
        }
        EventLoop.Timer timer = loop.schedule(READ_TIMEOUT, () -> tooSlow(result));
        return result.whenComplete((chunk, failure) -> timer.cancel());
    }

    private CompletableFuture<Optional<Chunk>> none(DiskMetrics.DiskReadResult why) {
        metrics.read(why);
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private DiskFiles.FileReadResult ended(ChunkKey key, int length) {
        try {
            return files.read(key, length);
        } catch (RuntimeException failure) {
            return new DiskFiles.FileReadResult.Failed(new IOException(failure));
        }
    }

    private void arrived(
            DiskIndex index,
            DiskIndex.IndexedFile entry,
            DiskFiles.FileReadResult end,
            long startNanos,
            CompletableFuture<Optional<Chunk>> result) {
        if (result.isDone()) {
            return;
        }
        switch (end) {
            case DiskFiles.FileReadResult.ValidChunk(var chunk) -> {
                metrics.hit(loop.nanoTime() - startNanos);
                if (readBreaker.succeeded()) {
                    logRecovery();
                }
                result.complete(Optional.of(chunk));
            }
            case DiskFiles.FileReadResult.Damaged() -> {
                index.markDamaged(entry);
                metrics.read(DiskMetrics.DiskReadResult.DAMAGED);
                result.complete(Optional.empty());
            }
            case DiskFiles.FileReadResult.Absent() -> {
                index.remove(entry);
                metrics.bytes(index.bytes());
                metrics.read(DiskMetrics.DiskReadResult.MISS);
                result.complete(Optional.empty());
            }
            case DiskFiles.FileReadResult.Failed(var failure) -> {
                failed(readBreaker, failure);
                metrics.read(DiskMetrics.DiskReadResult.FAILED);
                result.complete(Optional.empty());
            }
        }
    }

    private void tooSlow(CompletableFuture<Optional<Chunk>> result) {
        if (!result.isDone()) {
            failed(readBreaker, new IOException("no answer in " + READ_TIMEOUT.toMillis() + " ms"));
            metrics.read(DiskMetrics.DiskReadResult.FAILED);
            result.complete(Optional.empty());
        }
    }

    @Override
    public void write(ChunkKey key, Chunk chunk) {
        if (opened == null
                || opened.writeQueue().isFull()
                || writeBreaker.isOpen(loop.nanoTime())) {
            metrics.write(DiskMetrics.DiskWriteResult.SKIPPED);
            return;
        }
        Optional<DiskIndex.Admission> admission =
                opened.index().admit(key, format.size(chunk.bytes().length));
        if (admission.isPresent()) {
            opened.writeQueue().add(admission.get(), chunk);
            metrics.bytes(opened.index().bytes());
        }
    }

    private void written(DiskFiles.FileWriteResult end) {
        if (opened != null) {
            metrics.bytes(opened.index().bytes());
        }
        switch (end) {
            case DiskFiles.FileWriteResult.Done() -> {
                if (writeBreaker.succeeded()) {
                    logRecovery();
                }
            }
            case DiskFiles.FileWriteResult.Failed(var failure, int deleted, boolean clean) ->
                    failed(writeBreaker, failure);
        }
    }

    private void failed(DiskCircuitBreaker outage, Exception failure) {
        if (outage.failed(loop.nanoTime())) {
            LOG.warnf(
                    "The disk cache %s failed: %s. Chunks are loaded from the bucket until the disk works again; check the disk.",
                    settings.folder(), failure);
        }
    }

    private void logRecovery() {
        LOG.infof("The disk cache %s works again.", settings.folder());
    }
}
