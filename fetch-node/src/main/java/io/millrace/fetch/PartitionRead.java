package io.millrace.fetch;

import io.millrace.fetch.cache.ObjectReader;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads contiguous runs for one partition of a reply, until the share is used up or a read fails.
 * Owned by the fetch node's event loop.
 */
final class PartitionRead {

    private static final int MAX_RUNS_AHEAD = 8;

    /** Size that fits the header of any batch, so that each read makes progress. */
    private static final int MIN_WINDOW_BYTES = FetchSettings.PAGE_BYTES;

    private final ObjectReader reader;
    private final List<ContiguousRun> runs;
    private final long wantedOffset;
    private final boolean following;
    private final Runnable done;
    private final List<BatchRun.RunPart> parts = new ArrayList<>();

    private int budgetBytes;
    private int index;
    private int requestedRuns = 1;
    private boolean running;
    private boolean endsWithFirstBatch;
    private long position;
    private long offset;
    private long recordCount;
    private int sizeBytes;
    private int batchCount;
    private int nextBatchBytes;
    private int windowBytes = MIN_WINDOW_BYTES;
    private @Nullable Throwable failure;

    /**
     * Creates a read.
     *
     * @param stretches the contiguous runs, of which the first holds the wanted offset
     * @param known the position of the wanted offset; null to scan the first run
     * @param done a callback, run on the event loop after {@link #start} or {@link #readNextBatch}
     */
    PartitionRead(
            ObjectReader reader,
            List<ContiguousRun> stretches,
            long wantedOffset,
            ReadPositions.@Nullable ObjectPosition known,
            long highWatermark,
            Runnable done) {
        this.reader = reader;
        this.runs = stretches;
        this.wantedOffset = wantedOffset;
        this.following = stretches.getLast().endOffset() >= highWatermark;
        this.done = done;
        ContiguousRun first = stretches.getFirst();
        boolean inFirst =
                known != null
                        && known.object().equals(first.object().id())
                        && known.position() > first.position()
                        && known.position() < first.endPosition();
        position = inFirst && known != null ? known.position() : first.position();
        offset = inFirst ? wantedOffset : first.baseOffset();
    }

    void start(int maxBytes) {
        budgetBytes = maxBytes;
        running = true;
        run();
    }

    void endWithFirstBatch() {
        endsWithFirstBatch = true;
        if (batchCount > 0) {
            endNow();
        }
    }

    /** Ends the read. Loads in flight continue and serve the next fetch. */
    void endNow() {
        if (running) {
            end();
        }
    }

    private void end() {
        running = false;
        done.run();
    }

    void readNextBatch() {
        int size = nextBatchBytes;
        nextBatchBytes = 0;
        start(size);
    }

    void discard() {
        parts.clear();
        sizeBytes = 0;
        batchCount = 0;
        recordCount = 0;
        nextBatchBytes = 0;
    }

    /** Returns the size of the batch that exceeded the budget, or 0. */
    int nextBatchBytes() {
        return nextBatchBytes;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    BatchRun batches() {
        return batchCount == 0 ? BatchRun.EMPTY : new BatchRun(parts, sizeBytes, batchCount);
    }

    int sizeBytes() {
        return sizeBytes;
    }

    int batchCount() {
        return batchCount;
    }

    long recordCount() {
        return recordCount;
    }

    long endOffset() {
        return offset;
    }

    /** Returns the run of the next batch; null at the end. */
    @Nullable ContiguousRun currentRun() {
        return index < runs.size() ? runs.get(index) : null;
    }

    long position() {
        return position;
    }

    ContiguousRun lastRun() {
        return runs.get(Math.min(index, runs.size() - 1));
    }

    private void run() {
        while (index < runs.size() && budgetBytes > 0) {
            ContiguousRun stretch = runs.get(index);
            long rest = stretch.endPosition() - position;
            int window = (int) Math.min(rest, Math.max(budgetBytes, windowBytes));
            CompletableFuture<List<Slice>> read =
                    reader.read(stretch.object(), position, window, following);
            if (!read.isDone()) {
                requestFollowingRuns();
                var unused =
                        read.whenComplete((bytes, problem) -> arrived(stretch, bytes, problem));
                return;
            }
            boolean proceed =
                    read.isCompletedExceptionally()
                            ? take(stretch, List.of(), read.exceptionNow())
                            : take(stretch, read.resultNow(), null);
            if (!proceed) {
                break;
            }
        }
        end();
    }

    private void arrived(ContiguousRun stretch, List<Slice> bytes, @Nullable Throwable problem) {
        if (!running) {
            return;
        }
        if (take(stretch, bytes, problem) && !(endsWithFirstBatch && batchCount > 0)) {
            run();
        } else {
            end();
        }
    }

    /**
     * Requests runs in parallel. Sequential requests would each cost a round trip to the bucket.
     */
    private void requestFollowingRuns() {
        int last = Math.min(runs.size(), index + 1 + MAX_RUNS_AHEAD);
        long left = budgetBytes - (runs.get(index).endPosition() - position);
        for (int i = index + 1; i < last && left > 0; i++) {
            ContiguousRun next = runs.get(i);
            if (i >= requestedRuns) {
                requestedRuns = i + 1;
                reader.loadUpcoming(
                        next.object(), next.position(), Math.min(next.length(), left), following);
            }
            left -= next.length();
        }
    }

    /** Returns whether to continue. */
    private boolean take(ContiguousRun stretch, List<Slice> bytes, @Nullable Throwable problem) {
        if (problem != null) {
            failure = FutureFailures.unwrap(problem);
            return false;
        }
        try {
            return take(stretch, bytes);
        } catch (RuntimeException bug) {
            // A future would swallow the exception, and the fetch would never complete.
            failure = bug;
            return false;
        }
    }

    private boolean take(ContiguousRun stretch, List<Slice> bytes) {
        boolean hasOffsets = stretch.object().id().hasBaseOffsets();
        BatchScan scan =
                BatchScan.walk(
                        bytes,
                        offset,
                        hasOffsets,
                        wantedOffset,
                        budgetBytes,
                        stretch.endPosition() - position,
                        stretch.endOffset());
        if (scan.end == BatchScan.ScanEnd.DAMAGE) {
            failure = ReadProblems.contradicts(stretch.object().id(), position + scan.endPosition);
            return false;
        }
        if (scan.batchCount > 0) {
            parts.add(
                    new BatchRun.RunPart(
                            scan.firstOffset,
                            hasOffsets,
                            cut(bytes, scan.startPosition, scan.sizeBytes)));
            sizeBytes += scan.sizeBytes;
            batchCount += scan.batchCount;
            budgetBytes -= Math.min(budgetBytes, scan.sizeBytes);
            recordCount += scan.endOffset - scan.firstOffset;
        }
        position += scan.endPosition;
        offset = scan.endOffset;
        windowBytes = MIN_WINDOW_BYTES;
        if (position == stretch.endPosition()) {
            index++;
            if (index < runs.size()) {
                position = runs.get(index).position();
                offset = runs.get(index).baseOffset();
            }
        } else if (scan.end == BatchScan.ScanEnd.BUDGET) {
            nextBatchBytes = scan.nextBytes;
            return false;
        } else if (scan.end == BatchScan.ScanEnd.WITHIN_BATCH) {
            windowBytes = Math.max(MIN_WINDOW_BYTES, scan.nextBytes);
        }
        return true;
    }

    private static List<Slice> cut(List<Slice> bytes, int from, int length) {
        if (bytes.size() == 1) {
            Slice only = bytes.getFirst();
            return only.length() == length ? bytes : List.of(only.part(from, length));
        }
        List<Slice> part = new ArrayList<>(bytes.size());
        int at = 0;
        for (Slice slice : bytes) {
            int start = Math.max(0, from - at);
            int end = Math.min(slice.length(), from + length - at);
            if (start < end) {
                part.add(end - start == slice.length() ? slice : slice.part(start, end - start));
            }
            at += slice.length();
        }
        return part;
    }
}
