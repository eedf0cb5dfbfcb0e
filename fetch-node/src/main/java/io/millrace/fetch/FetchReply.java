package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Assembles the reply to one fetch. Owned by the fetch node's event loop. */
final class FetchReply {

    /** Time for which loaded partitions wait for loading partitions, enough for a GET. */
    static final Duration MAX_LOAD_WAIT = Duration.ofMillis(50);

    private final ReadPath path;
    private final List<PartitionLookup> lookups;
    private final List<PartitionReply> parts = new ArrayList<>();
    private final CompletableFuture<FetchResult> result;
    private int maxBytes;
    private int running;
    private EventLoop.@Nullable Timer timer;
    private boolean waitExpired;
    private boolean abandoned;
    private boolean rechecked;
    private boolean toppedUp;

    FetchReply(
            ReadPath path,
            FetchQuery query,
            List<PartitionLookup> lookups,
            int maxBytes,
            CompletableFuture<FetchResult> result) {
        this.path = path;
        this.lookups = lookups;
        this.maxBytes = maxBytes;
        this.result = result;
        for (int i = 0; i < lookups.size(); i++) {
            parts.add(new PartitionReply(query.partitions().get(i), lookups.get(i)));
        }
        plan();
    }

    private void plan() {
        List<PartitionReply> withBytes = new ArrayList<>();
        List<FetchPlan.ReadableTail> tails = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            PartitionReply part = parts.get(i);
            if (lookups.get(i) instanceof PartitionLookup.ReadableLog(long id, PartitionLog log)
                    && part.query.offset() < part.highWatermark) {
                withBytes.add(part);
                tails.add(part.tail(log));
            }
        }
        List<FetchPlan.ReplyShare> shares = FetchPlan.divide(tails, maxBytes);
        int planned = 0;
        for (int i = 0; i < shares.size(); i++) {
            withBytes.get(i).share = shares.get(i);
            planned += shares.get(i).budgetBytes();
        }
        maxBytes = planned;
    }

    /** Returns the limit of the reply, which only the first batch may exceed. */
    int maxBytes() {
        return maxBytes;
    }

    /** Starts the reads in the task of the plan, because extents may change afterwards. */
    void start() {
        // Counts this method as a read, so that reads that complete at once do not end the round.
        running = 1;
        for (PartitionReply part : parts) {
            if (!part.share.runs().isEmpty()) {
                startRead(part, part.share);
            }
        }
        if (running > 1) {
            timer = path.loop().schedule(MAX_LOAD_WAIT, this::stopWaiting);
        }
        readEnded();
    }

    private void stopWaiting() {
        waitExpired = true;
        running++;
        forEachRead(PartitionRead::endWithFirstBatch);
        readEnded();
    }

    private void endReads() {
        forEachRead(PartitionRead::endNow);
        readEnded();
    }

    private void forEachRead(Consumer<PartitionRead> action) {
        for (PartitionReply part : parts) {
            if (part.read != null) {
                action.accept(part.read);
            }
        }
    }

    private void startRead(PartitionReply part, FetchPlan.ReplyShare share) {
        var known =
                path.readPositions()
                        .find(part.topicId, part.query.partition(), part.query.offset());
        PartitionRead read =
                new PartitionRead(
                        path.reader(),
                        share.runs(),
                        part.query.offset(),
                        known,
                        part.highWatermark,
                        this::readEnded);
        part.sequential = known != null || part.startsAtLogStart();
        part.read = read;
        running++;
        if (waitExpired) {
            read.endWithFirstBatch();
        }
        read.start(share.budgetBytes());
    }

    private void readEnded() {
        running--;
        if (running > 0 && waitExpired && !abandoned && readBytes() > 0) {
            abandoned = true;
            running++;
            // In a separate task, because other reads may wait for the same chunk.
            path.loop().execute(this::endReads);
            return;
        }
        if (running > 0 || result.isDone()) {
            return;
        }
        if (!rechecked && parts.stream().anyMatch(PartitionReply::isMissing)) {
            rechecked = true;
            recheck();
        } else if (!toppedUp) {
            toppedUp = true;
            topUp();
        } else {
            finish();
        }
    }

    /** Waits for a barrier, because a merge may have replaced a missing object. */
    private void recheck() {
        running = 1;
        var unused =
                path.metadata()
                        .barrier()
                        .whenComplete((reached, failure) ->
                                path.loop()
                                        .runNowOrLater(() ->
                                                retryMissing(BarrierFailures.problem(failure))));
    }

    private void retryMissing(@Nullable Problem noBarrier) {
        for (PartitionReply part : parts) {
            if (!part.isMissing()) {
                continue;
            }
            if (noBarrier != null) {
                part.problem = noBarrier;
                continue;
            }
            switch (PartitionLookup.readable(path.metadata(), part.query, part.topicId)) {
                case PartitionLookup.NotReadable(Problem why) -> part.problem = why;
                case PartitionLookup.ReadableLog(long id, PartitionLog log) -> {
                    Optional<OffloadedRange> row = log.offloadedRangeAt(part.query.offset());
                    if (row.isPresent()) {
                        restartWhenLoaded(part, row.get());
                    } else {
                        restartRead(part, log);
                    }
                }
            }
        }
        readEnded();
    }

    private void restartRead(PartitionReply part, PartitionLog log) {
        FetchPlan.ReplyShare share =
                FetchPlan.divide(List.of(part.tail(log)), remainingBytes()).getFirst();
        if (!share.runs().isEmpty()) {
            startRead(part, share);
        }
    }

    /** Repeats the lookup, because the log start may have passed the offset. */
    private void restartRead(PartitionReply part, List<Extent> loaded) {
        switch (PartitionLookup.readable(path.metadata(), part.query, part.topicId)) {
            case PartitionLookup.NotReadable(Problem why) -> part.problem = why;
            case PartitionLookup.ReadableLog(long id, PartitionLog log) ->
                    restartRead(part, new ResolvedLog(log, loaded));
        }
    }

    private void restartWhenLoaded(PartitionReply part, OffloadedRange row) {
        running++;
        var unused =
                path.offloadedRanges()
                        .find(row)
                        .whenComplete((extents, failure) -> {
                            if (failure != null) {
                                part.problem =
                                        ReadProblems.of(
                                                part.query.topic(),
                                                part.query.partition(),
                                                part.query.offset(),
                                                row.manifest().id(),
                                                failure);
                            } else {
                                restartRead(part, extents);
                            }
                            readEnded();
                        });
    }

    /** Uses leftover bytes for batches that exceed the share of their partition. */
    private void topUp() {
        running = 1;
        makeRoomForFirstBatch();
        int left = remainingBytes();
        boolean nothing = readBytes() == 0;
        for (PartitionReply part : parts) {
            PartitionRead read = part.read;
            if (read == null || !part.allowsNextBatch()) {
                continue;
            }
            int size = read.nextBatchBytes();
            if (size <= left || nothing) {
                nothing = false;
                left -= size;
                running++;
                read.readNextBatch();
            }
        }
        readEnded();
    }

    /** Discards the last reads until the first batch of the reply fits. */
    private void makeRoomForFirstBatch() {
        List<PartitionRead> reads =
                parts.stream()
                        .map(part -> part.read)
                        .filter(read -> read != null && read.failure() == null)
                        .toList();
        if (reads.isEmpty() || reads.getFirst().batchCount() > 0) {
            return;
        }
        int needed = reads.getFirst().nextBatchBytes();
        for (int i = reads.size() - 1; i > 0 && remainingBytes() < needed; i--) {
            reads.get(i).discard();
        }
    }

    private int readBytes() {
        int bytes = 0;
        for (PartitionReply part : parts) {
            bytes += part.read == null ? 0 : part.read.sizeBytes();
        }
        return bytes;
    }

    private int remainingBytes() {
        return Math.max(0, maxBytes - readBytes());
    }

    private void finish() {
        if (timer != null) {
            timer.cancel();
        }
        List<PartitionResult> results = new ArrayList<>(parts.size());
        for (PartitionReply part : parts) {
            results.add(part.result(path));
        }
        result.complete(new FetchResult(results));
    }
}
