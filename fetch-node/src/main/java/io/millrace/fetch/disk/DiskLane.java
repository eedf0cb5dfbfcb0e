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
 * The changes of the disk, one after another: each deletes what the index gave up for it before it
 * writes, so the files never take more than the index says. When one fails, those behind it do not
 * take place either, as they count on its room. Owned by the fetch node's loop.
 */
final class DiskLane {

    /** Chunks that wait for the disk; past it they are not kept, as they would fill the memory. */
    static final int MAX_WAITING = 16;

    private record Change(DiskIndex.Admission admission, Chunk chunk) {}

    private final DiskFiles files;
    private final DiskIndex index;
    private final EventLoop loop;
    private final Executor executor;
    private final DiskMetrics metrics;
    private final Consumer<DiskFiles.WriteEnd> ended;
    private final Deque<Change> waiting = new ArrayDeque<>();
    private boolean running;

    /**
     * @param executor may block, and may reject
     * @param ended is told, on the loop, how each write ended
     */
    DiskLane(
            DiskFiles files,
            DiskIndex index,
            EventLoop loop,
            Executor executor,
            DiskMetrics metrics,
            Consumer<DiskFiles.WriteEnd> ended) {
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
        waiting.add(new Change(admission, chunk));
        next();
    }

    private void next() {
        if (running || waiting.isEmpty()) {
            return;
        }
        Change change = waiting.remove();
        DiskIndex.Admission admission = change.admission();
        List<ChunkKey> victims = admission.victims().stream().map(DiskIndex.Entry::key).toList();
        running = true;
        try {
            executor.execute(() -> {
                DiskFiles.WriteEnd end = written(victims, change);
                loop.execute(() -> end(admission, end));
            });
        } catch (RejectedExecutionException busy) {
            running = false;
            abandonWaiting();
            abandon(change);
        }
    }

    private DiskFiles.WriteEnd written(List<ChunkKey> victims, Change change) {
        try {
            return files.replace(victims, change.admission().entry().key(), change.chunk());
        } catch (RuntimeException failure) {
            return new DiskFiles.WriteEnd.Failed(new IOException(failure), 0, false);
        }
    }

    private void end(DiskIndex.Admission admission, DiskFiles.WriteEnd end) {
        running = false;
        switch (end) {
            case DiskFiles.WriteEnd.Done() -> {
                index.written(admission.entry());
                metrics.write(DiskMetrics.Write.KEPT);
                metrics.evicted(admission.victims().size());
            }
            case DiskFiles.WriteEnd.Failed(var failure, int deleted, boolean clean) -> {
                abandonWaiting();
                if (clean) {
                    index.remove(admission.entry());
                } else {
                    index.damaged(admission.entry());
                }
                List<DiskIndex.Entry> victims = admission.victims();
                index.restore(victims.subList(deleted, victims.size()));
                metrics.write(DiskMetrics.Write.FAILED);
            }
        }
        ended.accept(end);
        next();
    }

    private void abandonWaiting() {
        // The last one first: its victims may be files of those before it.
        while (!waiting.isEmpty()) {
            abandon(waiting.removeLast());
        }
    }

    private void abandon(Change change) {
        index.undo(change.admission());
        metrics.write(DiskMetrics.Write.SKIPPED);
    }
}
