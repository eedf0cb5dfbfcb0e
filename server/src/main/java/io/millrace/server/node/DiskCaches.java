package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.disk.DiskMetrics;
import io.millrace.fetch.disk.DiskTier;
import io.millrace.fetch.disk.DiskTierSettings;
import io.millrace.metadata.log.local.FolderLock;
import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.settings.ServerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Opens the fetch node's disk cache, if configured. */
@SystemAccess("creates the threads of disk reads")
final class DiskCaches {

    private static final Logger LOG = Logger.getLogger(DiskCaches.class);

    private static final int THREADS = 4;

    /**
     * Maximum queue of 1 MiB reads. If a disk takes longer for these than a GET takes, bypassing
     * the disk is faster.
     */
    private static final int MAX_QUEUED_READS = 32;

    /** Limits the index of a full cache to a twentieth of the heap. */
    private static final int HEAP_BYTES_PER_CHUNK = 4096;

    private static final int CLOSE_SECONDS = 2;

    private DiskCaches() {}

    /**
     * Returns the disk cache; empty if none is configured or the folder is unusable, because a node
     * with a broken disk can serve. Fails if another process uses the folder.
     */
    static ChunkStore open(
            ServerSettings settings,
            Disk disk,
            EventLoop loop,
            MeterRegistry registry,
            long heapBytes,
            CloseStack closing) {
        DiskMetrics metrics = new DiskMetrics(registry);
        Optional<ServerSettings.DiskCache> wanted = settings.diskCache();
        if (wanted.isEmpty() || !isUsable(wanted.get().folder(), closing)) {
            return ChunkStore.NONE;
        }
        DiskTierSettings tier =
                new DiskTierSettings(
                        settings.cluster(),
                        wanted.get().folder(),
                        wanted.get().maxBytes(),
                        (int) Math.min(heapBytes / HEAP_BYTES_PER_CHUNK, Integer.MAX_VALUE));
        return new DiskTier(tier, disk, loop, threads(closing), metrics);
    }

    private static boolean isUsable(Path folder, CloseStack closing) {
        try {
            closing.add(FolderLock.acquire(folder));
            return true;
        } catch (IOException unusable) {
            LOG.warnf(
                    "The folder %s of the disk cache is unusable: %s. The node runs without a disk"
                            + " cache until the next start.",
                    folder, unusable);
            return false;
        }
    }

    private static ThreadPoolExecutor threads(CloseStack closing) {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MAX_QUEUED_READS),
                        Thread.ofPlatform().daemon().name("millrace-disk-", 0).factory());
        closing.add(() -> {
            threads.shutdown();
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn(
                        "Reads of the disk cache did not finish in time at shutdown: the disk may be"
                                + " faulty.");
            }
        });
        return threads;
    }
}
