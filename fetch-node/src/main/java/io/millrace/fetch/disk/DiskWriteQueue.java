package io.millrace.fetch.disk;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.runtime.loop.EventLoop;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * A serial queue of changes to the disk. Victims are deleted before a write, so files never exceed
 * the indexed size. If a change fails, queued changes are abandoned, because they rely on the
 * space. Owned by the fetch node's event loop.
 */
final class DiskWriteQueue {

    /** Maximum number of queued chunks. Further chunks are not stored, to bound memory. */
    static final int MAX_WAITING = 16;

    private record QueuedWrite(DiskIndex.Admission admission, Chunk chunk) {}

    private final DiskFiles files;
    private final DiskIndex index;
    private final EventLoop loop;
    private final Executor executor;
    private final DiskMetrics metrics;
    private final Consumer<DiskFiles.FileWriteResult> ended;
    private final Deque<QueuedWrite> waiting = new ArrayDeque<>();
    private boolean running;

    /**
     * Creates an empty queue. The executor may reject tasks; {@code ended} runs on the event loop.
     */
    DiskWriteQueue(
            DiskFiles files,
            DiskIndex index,
            EventLoop loop,
            Executor executor,
            DiskMetrics metrics,
            Consumer<DiskFiles.FileWriteResult> ended) {
        this.files = files;
        this.index = index;
        this.loop = loop;
        this.executor = executor;
        this.metrics = metrics;
        this.ended = ended;
    }

    boolean isFull() {
        return waiting.size() >= MAX_WAITING;
    }

    void add(DiskIndex.Admission admission, Chunk chunk) {
        waiting.add(new QueuedWrite(admission, chunk));
        next();
    }

    private void next() {
        if (running || waiting.isEmpty()) {
            return;
        }
        QueuedWrite change = waiting.remove();
        DiskIndex.Admission admission = change.admission();
        List<ChunkKey> victims =
                admission.victims().stream().map(DiskIndex.IndexedFile::key).toList();
        running = true;
        try {
            executor.execute(() -> {
                DiskFiles.FileWriteResult end = written(victims, change);
                loop.execute(() -> end(admission, end));
            });
        } catch (RejectedExecutionException busy) {
            running = false;
            abandonWaiting();
            abandon(change);
        }
    }

    private DiskFiles.FileWriteResult written(List<ChunkKey> victims, QueuedWrite change) {
        try {
            return files.replace(victims, change.admission().entry().key(), change.chunk());
        } catch (RuntimeException failure) {
            return new DiskFiles.FileWriteResult.Failed(new IOException(failure), 0, false);
        }
    }

    private void end(DiskIndex.Admission admission, DiskFiles.FileWriteResult end) {
        running = false;
        switch (end) {
            case DiskFiles.FileWriteResult.Done() -> {
                index.markWritten(admission.entry());
                metrics.write(DiskMetrics.DiskWriteResult.KEPT);
                metrics.evicted(admission.victims().size());
            }
            case DiskFiles.FileWriteResult.Failed(var failure, int deleted, boolean clean) -> {
                abandonWaiting();
                if (clean) {
                    index.remove(admission.entry());
                } else {
                    index.markDamaged(admission.entry());
                }
                List<DiskIndex.IndexedFile> victims = admission.victims();
                index.restore(victims.subList(deleted, victims.size()));
                metrics.write(DiskMetrics.DiskWriteResult.FAILED);
            }
        }
        ended.accept(end);
        next();
    }

    private void abandonWaiting() {
        // Newest first: its victims may be files of earlier changes.
        while (!waiting.isEmpty()) {
            abandon(waiting.removeLast());
        }
    }

    private void abandon(QueuedWrite change) {
        index.undo(change.admission());
        metrics.write(DiskMetrics.DiskWriteResult.SKIPPED);
    }
}
