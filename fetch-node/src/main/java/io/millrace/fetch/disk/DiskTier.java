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
 * A disk cache of chunks, in files of a local folder, which survives restarts. Unreadable, slow or
 * damaged files and files of another cluster count as absent. A failure is logged once until the
 * disk works again, and the disk is tried only occasionally in the meantime. Owned by the fetch
 * node's event loop; all I/O runs on an executor.
 */
public final class DiskTier implements ChunkStore {

    /** Read timeout. Beyond this time a GET from the bucket is faster. */
    static final Duration SLOWEST_READ = Duration.ofMillis(500);

    private static final Logger LOG = Logger.getLogger(DiskTier.class);

    private record Opened(DiskIndex index, DiskLane lane) {}

    private final DiskTierSettings settings;
    private final ChunkFile format;
    private final DiskFiles files;
    private final EventLoop loop;
    private final Executor executor;
    private final DiskMetrics metrics;
    private final DiskOutage readOutage = new DiskOutage();
    private final DiskOutage writeOutage = new DiskOutage();
    private @Nullable Opened opened;

    /**
     * Creates a tier and starts to list the folder. The tier keeps nothing until the list is
     * complete.
     *
     * @param executor the executor for blocking calls; the disk is skipped when a task is rejected
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
            loop.schedule(DiskOutage.PAUSE, this::open);
        }
    }

    /** Lists the files on the disk and deletes those beyond the limits. */
    private DiskIndex index() throws IOException {
        DiskIndex index = new DiskIndex(settings.maxBytes(), settings.maxEntries());
        for (DiskFiles.Found file : files.list()) {
            files.delete(
                    index.found(file.key(), file.bytes()).stream()
                            .map(DiskIndex.Entry::key)
                            .toList());
        }
        return index;
    }

    private void opened(DiskIndex index) {
        DiskLane lane = new DiskLane(files, index, loop, executor, metrics, this::written);
        opened = new Opened(index, lane);
        metrics.bytes(index.bytes());
        LOG.infof(
                "The disk cache %s has %d chunks, %d MiB of at most %d MiB.",
                settings.folder(), index.size(), index.bytes() >> 20, settings.maxBytes() >> 20);
        if (writeOutage.succeeded()) {
            works();
        }
    }

    private void notOpened(Exception failure) {
        failed(writeOutage, failure);
        loop.schedule(DiskOutage.PAUSE, this::open);
    }

    @Override
    public CompletableFuture<Optional<Chunk>> read(ChunkKey key, int length) {
        if (opened == null || readOutage.pauses(loop.nanoTime())) {
            return none(DiskMetrics.Read.SKIPPED);
        }
        DiskIndex index = opened.index();
        DiskIndex.Entry entry = index.find(key);
        if (entry == null) {
            return none(DiskMetrics.Read.MISS);
        }
        if (entry.fileBytes() != format.size(length)) {
            index.damaged(entry);
            return none(DiskMetrics.Read.DAMAGED);
        }
        CompletableFuture<Optional<Chunk>> result = new CompletableFuture<>();
        long startNanos = loop.nanoTime();
        try {
            executor.execute(() -> {
                DiskFiles.ReadEnd end = ended(key, length);
                loop.execute(() -> arrived(index, entry, end, startNanos, result));
            });
        } catch (RejectedExecutionException busy) {
            return none(DiskMetrics.Read.SKIPPED);
        }
        EventLoop.Timer timer = loop.schedule(SLOWEST_READ, () -> tooSlow(result));
        return result.whenComplete((chunk, failure) -> timer.cancel());
    }

    private CompletableFuture<Optional<Chunk>> none(DiskMetrics.Read why) {
        metrics.read(why);
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private DiskFiles.ReadEnd ended(ChunkKey key, int length) {
        try {
            return files.read(key, length);
        } catch (RuntimeException failure) {
            return new DiskFiles.ReadEnd.Failed(new IOException(failure));
        }
    }

    private void arrived(
            DiskIndex index,
            DiskIndex.Entry entry,
            DiskFiles.ReadEnd end,
            long startNanos,
            CompletableFuture<Optional<Chunk>> result) {
        if (result.isDone()) {
            return;
        }
        switch (end) {
            case DiskFiles.ReadEnd.Sound(var chunk) -> {
                metrics.hit(loop.nanoTime() - startNanos);
                if (readOutage.succeeded()) {
                    works();
                }
                result.complete(Optional.of(chunk));
            }
            case DiskFiles.ReadEnd.Damaged() -> {
                index.damaged(entry);
                metrics.read(DiskMetrics.Read.DAMAGED);
                result.complete(Optional.empty());
            }
            case DiskFiles.ReadEnd.Absent() -> {
                index.remove(entry);
                metrics.bytes(index.bytes());
                metrics.read(DiskMetrics.Read.MISS);
                result.complete(Optional.empty());
            }
            case DiskFiles.ReadEnd.Failed(var failure) -> {
                failed(readOutage, failure);
                metrics.read(DiskMetrics.Read.FAILED);
                result.complete(Optional.empty());
            }
        }
    }

    private void tooSlow(CompletableFuture<Optional<Chunk>> result) {
        if (!result.isDone()) {
            failed(readOutage, new IOException("no answer in " + SLOWEST_READ.toMillis() + " ms"));
            metrics.read(DiskMetrics.Read.FAILED);
            result.complete(Optional.empty());
        }
    }

    @Override
    public void write(ChunkKey key, Chunk chunk) {
        if (opened == null || opened.lane().isFull() || writeOutage.pauses(loop.nanoTime())) {
            metrics.write(DiskMetrics.Write.SKIPPED);
            return;
        }
        Optional<DiskIndex.Admission> admission =
                opened.index().admit(key, format.size(chunk.bytes().length));
        if (admission.isPresent()) {
            opened.lane().add(admission.get(), chunk);
            metrics.bytes(opened.index().bytes());
        }
    }

    private void written(DiskFiles.WriteEnd end) {
        if (opened != null) {
            metrics.bytes(opened.index().bytes());
        }
        switch (end) {
            case DiskFiles.WriteEnd.Done() -> {
                if (writeOutage.succeeded()) {
                    works();
                }
            }
            case DiskFiles.WriteEnd.Failed(var failure, int deleted, boolean clean) ->
                    failed(writeOutage, failure);
        }
    }

    private void failed(DiskOutage outage, Exception failure) {
        if (outage.failed(loop.nanoTime())) {
            LOG.warnf(
                    "The disk cache %s failed: %s. Chunks are loaded from the bucket until the disk works again; check the disk.",
                    settings.folder(), failure);
        }
    }

    private void works() {
        LOG.infof("The disk cache %s works again.", settings.folder());
    }
}
