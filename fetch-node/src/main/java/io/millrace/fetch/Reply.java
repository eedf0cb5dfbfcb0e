package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.object.ObjectStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The assembly of one fetch's answer. Owned by the fetch node's loop. */
final class Reply {

    /** One partition's part of the answer. */
    private static final class Part {
        final FetchQuery.PartitionQuery query;
        final long topicId;
        final long highWatermark;
        final long logStartOffset;
        @Nullable Problem problem;
        @Nullable PartitionRead read;
        FetchPlan.Share share = FetchPlan.Share.NOTHING;
        boolean sequential;

        Part(FetchQuery.PartitionQuery query, Lookup lookup) {
            this.query = query;
            switch (lookup) {
                case Lookup.Known(long id, PartitionLog log) -> {
                    topicId = id;
                    highWatermark = log.highWatermark();
                    logStartOffset = log.logStartOffset();
                }
                case Lookup.Denied(Problem why) -> {
                    topicId = Lookup.ANY_TOPIC;
                    highWatermark = -1;
                    logStartOffset = -1;
                    problem = why;
                }
            }
        }
    }

    /** A partition's log as the plan sees it. */
    private record LogTail(FetchQuery.PartitionQuery query, PartitionLog log)
            implements FetchPlan.Tail {
        @Override
        public List<Extent> upTo(long maxBytes) {
            return log.extents(query.offset(), maxBytes);
        }

        @Override
        public int maxBytes() {
            return query.maxBytes();
        }
    }

    private final ReadPath path;
    private final List<Lookup> lookups;
    private final List<Part> parts = new ArrayList<>();
    private final CompletableFuture<FetchResult> result;
    private int maxBytes;
    private int running;
    private boolean lookedAgain;
    private boolean toppedUp;

    Reply(
            ReadPath path,
            FetchQuery query,
            List<Lookup> lookups,
            int maxBytes,
            CompletableFuture<FetchResult> result) {
        this.path = path;
        this.lookups = lookups;
        this.maxBytes = maxBytes;
        this.result = result;
        for (int i = 0; i < lookups.size(); i++) {
            parts.add(new Part(query.partitions().get(i), lookups.get(i)));
        }
        plan();
    }

    private void plan() {
        List<Part> withBytes = new ArrayList<>();
        List<FetchPlan.Tail> tails = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (lookups.get(i) instanceof Lookup.Known(long id, PartitionLog log)
                    && part.query.offset() < part.highWatermark) {
                withBytes.add(part);
                tails.add(new LogTail(part.query, log));
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

    /** Bytes that the reply may have, save that its first batch may be larger. */
    int maxBytes() {
        return maxBytes;
    }

    /** Begins to read what was planned; in the same task, for extents may change behind it. */
    void start() {
        // Counts itself, so that reads that end at once do not end the round before it has begun.
        running = 1;
        for (Part part : parts) {
            if (!part.share.stretches().isEmpty()) {
                begin(part, part.share);
            }
        }
        ended();
    }

    private void begin(Part part, FetchPlan.Share share) {
        var known =
                path.continuations()
                        .find(part.topicId, part.query.partition(), part.query.offset());
        PartitionRead read =
                new PartitionRead(
                        path.reader(), share.stretches(), part.query.offset(), known, this::ended);
        part.sequential = known != null;
        part.read = read;
        running++;
        read.start(share.budgetBytes());
    }

    private void ended() {
        if (--running > 0 || result.isDone()) {
            return;
        }
        if (!lookedAgain && parts.stream().anyMatch(Reply::isMissing)) {
            lookedAgain = true;
            lookAgain();
        } else if (!toppedUp) {
            toppedUp = true;
            topUp();
        } else {
            finish();
        }
    }

    private static boolean isMissing(Part part) {
        return part.read != null
                && part.read.batchCount() == 0
                && part.read.failure() instanceof ObjectStoreException.Missing;
    }

    /** An object that is gone may have been replaced by another since its extent was looked up. */
    private void lookAgain() {
        running = 1;
        var unused =
                path.metadata()
                        .barrier()
                        .whenComplete((reached, failure) ->
                                path.loop().run(() -> retryMissing(Barriers.problem(failure))));
    }

    private void retryMissing(@Nullable Problem noBarrier) {
        for (Part part : parts) {
            if (!isMissing(part)) {
                continue;
            }
            if (noBarrier != null) {
                part.problem = noBarrier;
                continue;
            }
            switch (Lookup.readable(path.metadata(), part.query, part.topicId)) {
                case Lookup.Denied(Problem why) -> part.problem = why;
                case Lookup.Known(long id, PartitionLog log) -> {
                    FetchPlan.Share share =
                            FetchPlan.share(List.of(new LogTail(part.query, log)), left())
                                    .getFirst();
                    if (!share.stretches().isEmpty()) {
                        begin(part, share);
                    }
                }
            }
        }
        ended();
    }

    /** Uses what the shares left over for batches that were larger than their partition's share. */
    private void topUp() {
        running = 1;
        makeRoomForTheFirst();
        int left = left();
        boolean nothing = taken() == 0;
        for (Part part : parts) {
            PartitionRead read = part.read;
            if (read == null || read.nextBytes() == 0 || read.failure() != null) {
                continue;
            }
            int size = read.nextBytes();
            // A partition's own limit holds, save that its first batch always may be sent.
            boolean allowed =
                    read.batchCount() == 0 || size <= part.query.maxBytes() - read.sizeBytes();
            if (allowed && (size <= left || nothing)) {
                nothing = false;
                left -= size;
                running++;
                read.grant();
            }
        }
        ended();
    }

    /** The others, from the last on, give way to the first partition's first batch: it must go. */
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
        for (Part part : parts) {
            bytes += part.read == null ? 0 : part.read.sizeBytes();
        }
        return bytes;
    }

    private int left() {
        return Math.max(0, maxBytes - taken());
    }

    private void finish() {
        List<PartitionResult> results = new ArrayList<>(parts.size());
        for (Part part : parts) {
            results.add(resultOf(part));
        }
        result.complete(new FetchResult(results));
    }

    private PartitionResult resultOf(Part part) {
        String topic = part.query.topic();
        int partition = part.query.partition();
        PartitionRead read = part.read;
        Problem problem = part.problem;
        if (problem == null && read != null && read.batchCount() == 0 && read.failure() != null) {
            problem =
                    ReadProblems.of(
                            topic,
                            partition,
                            part.query.offset(),
                            read.lastStretch().object().id(),
                            read.failure());
        }
        if (problem != null) {
            path.metrics().refused(problem.reason());
            return new PartitionResult.Failed(topic, partition, problem);
        }
        BatchRun batches = BatchRun.NONE;
        if (read != null && read.batchCount() > 0) {
            batches = read.batches();
            path.metrics().served(read.sizeBytes(), read.batchCount(), read.recordCount());
            ReadAhead.after(path, part.topicId, partition, read, part.sequential);
        }
        return new PartitionResult.Fetched(
                topic, partition, part.highWatermark, part.logStartOffset, batches);
    }
}
