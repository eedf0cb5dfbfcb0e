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

    /**
     * Time for which loaded partitions wait for loading partitions: the duration of a GET from a
     * healthy bucket.
     */
    static final Duration PATIENCE = Duration.ofMillis(50);

    private final ReadPath path;
    private final List<PartitionLookup> lookups;
    private final List<PartitionReply> parts = new ArrayList<>();
    private final CompletableFuture<FetchResult> result;
    private int maxBytes;
    private int running;
    private EventLoop.@Nullable Timer timer;
    private boolean impatient;
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
        List<FetchPlan.Tail> tails = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            PartitionReply part = parts.get(i);
            if (lookups.get(i) instanceof PartitionLookup.Known(long id, PartitionLog log)
                    && part.query.offset() < part.highWatermark) {
                withBytes.add(part);
                tails.add(part.tail(log));
            }
        }
        List<FetchPlan.Share> shares = FetchPlan.share(tails, maxBytes);
        int planned = 0;
        for (int i = 0; i < shares.size(); i++) {
            withBytes.get(i).share = shares.get(i);
            planned += shares.get(i).budgetBytes();
        }
        maxBytes = planned;
    }

    /** Returns the maximum size of the reply in bytes. The first batch may exceed the limit. */
    int maxBytes() {
        return maxBytes;
    }

    /**
     * Starts the planned reads, in the task that made the plan, because extents may change after
     * the task.
     */
    void start() {
        // Counts this method as a read, so that reads that complete at once do not end the round
        // early.
        running = 1;
        for (PartitionReply part : parts) {
            if (!part.share.stretches().isEmpty()) {
                begin(part, part.share);
            }
        }
        if (running > 1) {
            timer = path.loop().schedule(PATIENCE, this::hurry);
        }
        ended();
    }

    /** Stops waiting for further bytes once the reply is not empty. */
    private void hurry() {
        impatient = true;
        running++;
        forEachRead(PartitionRead::hurry);
        ended();
    }

    private void abandon() {
        forEachRead(PartitionRead::abandon);
        ended();
    }

    private void forEachRead(Consumer<PartitionRead> action) {
        for (PartitionReply part : parts) {
            if (part.read != null) {
                action.accept(part.read);
            }
        }
    }

    private void begin(PartitionReply part, FetchPlan.Share share) {
        var known =
                path.continuations()
                        .find(part.topicId, part.query.partition(), part.query.offset());
        PartitionRead read =
                new PartitionRead(
                        path.reader(),
                        share.stretches(),
                        part.query.offset(),
                        known,
                        part.highWatermark,
                        this::ended);
        part.sequential = known != null || part.beginsWithTheLog();
        part.read = read;
        running++;
        if (impatient) {
            read.hurry();
        }
        read.start(share.budgetBytes());
    }

    private void ended() {
        running--;
        if (running > 0 && impatient && !abandoned && taken() > 0) {
            abandoned = true;
            running++;
            // In a separate task: other reads may wait for the chunk that was just loaded.
            path.loop().execute(this::abandon);
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

    /**
     * Waits for a metadata barrier: a merge may have replaced a missing object after its extent was
     * looked up.
     */
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
                case PartitionLookup.Denied(Problem why) -> part.problem = why;
                case PartitionLookup.Known(long id, PartitionLog log) -> {
                    Optional<OffloadedRange> row = log.offloaded(part.query.offset());
                    if (row.isPresent()) {
                        beginWhenLoaded(part, row.get());
                    } else {
                        beginAgain(part, log);
                    }
                }
            }
        }
        ended();
    }

    private void beginAgain(PartitionReply part, PartitionLog log) {
        FetchPlan.Share share = FetchPlan.share(List.of(part.tail(log)), left()).getFirst();
        if (!share.stretches().isEmpty()) {
            begin(part, share);
        }
    }

    /**
     * Looks the partition up again, because the log start may have passed the offset during the
     * load.
     */
    private void beginAgain(PartitionReply part, List<Extent> loaded) {
        switch (PartitionLookup.readable(path.metadata(), part.query, part.topicId)) {
            case PartitionLookup.Denied(Problem why) -> part.problem = why;
            case PartitionLookup.Known(long id, PartitionLog log) ->
                    beginAgain(part, new ResolvedLog(log, loaded));
        }
    }

    private void beginWhenLoaded(PartitionReply part, OffloadedRange row) {
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
                                beginAgain(part, extents);
                            }
                            ended();
                        });
    }

    /** Uses bytes left over by the shares for batches that exceed the share of their partition. */
    private void topUp() {
        running = 1;
        makeRoomForTheFirst();
        int left = left();
        boolean nothing = taken() == 0;
        for (PartitionReply part : parts) {
            PartitionRead read = part.read;
            if (read == null || !part.mayHaveNextBatch()) {
                continue;
            }
            int size = read.nextBytes();
            if (size <= left || nothing) {
                nothing = false;
                left -= size;
                running++;
                read.grant();
            }
        }
        ended();
    }

    /**
     * Discards reads from the last partition backwards until the first partition's first batch
     * fits. A reply always has room for that batch.
     */
    private void makeRoomForTheFirst() {
        List<PartitionRead> reads =
                parts.stream()
                        .map(part -> part.read)
                        .filter(read -> read != null && read.failure() == null)
                        .toList();
        if (reads.isEmpty() || reads.getFirst().batchCount() > 0) {
            return;
        }
        int needed = reads.getFirst().nextBytes();
        for (int i = reads.size() - 1; i > 0 && left() < needed; i--) {
            reads.get(i).discard();
        }
    }

    private int taken() {
        int bytes = 0;
        for (PartitionReply part : parts) {
            bytes += part.read == null ? 0 : part.read.sizeBytes();
        }
        return bytes;
    }

    private int left() {
        return Math.max(0, maxBytes - taken());
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
