package io.millrace.fetch.subscribe;

import io.millrace.fetch.BatchRun;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads a subscription's partitions and sends the batches. One fetch is open while the client has
 * credit and the stream has room. Otherwise nothing is read, so that a slow client holds no memory.
 * Owned by the subscriber's event loop.
 */
final class BatchSender {

    /** Size that fits into the transport's buffer. */
    private static final int MAX_BYTES = 2 << 20;

    private static final int MIN_BYTES = 64 << 10;
    private static final long FIRST_GUESS_BYTES = 1024;

    private final FetchNode fetch;
    private final Metadata metadata;
    private final EventLoop loop;
    private final SubscribedPartitions subscribedPartitions;
    private final DeliveryCredit credit = new DeliveryCredit();
    private final ReadAccess access;
    private final SubscriberStream stream;
    private ReadFailureListener failureListener = (holding, problem) -> {};
    private final SubscribeMetrics metrics;
    private @Nullable OpenFetch open;
    private boolean checking;
    private boolean pausing;
    private boolean more;
    private boolean stopped;
    private int rejections;

    /** Moving average in which the last batches count 1/4. */
    private long recordBytes = FIRST_GUESS_BYTES;

    interface ReadFailureListener {
        void failed(SubscribedPartition holding, Problem problem);
    }

    private record OpenFetch(
            List<SubscribedPartition> asked,
            long[] offsets,
            CompletableFuture<FetchResult> answer) {}

    BatchSender(
            FetchNode fetch,
            Metadata metadata,
            SubscribedPartitions holdings,
            ReadAccess access,
            SubscriberStream stream,
            SubscribeMetrics metrics) {
        this.fetch = fetch;
        this.metadata = metadata;
        this.loop = metadata.loop();
        this.subscribedPartitions = holdings;
        this.access = access;
        this.stream = stream;
        this.metrics = metrics;
    }

    void setFailureListener(ReadFailureListener newTrouble) {
        failureListener = newTrouble;
    }

    void grant(long bytes, long records) {
        credit.add(bytes, records);
        checkSoon();
    }

    void hasRoom() {
        checkSoon();
    }

    /** Called when the open fetch is obsolete. */
    void partitionsChanged() {
        more = true;
        checkSoon();
    }

    void end() {
        stopped = true;
        cancel();
    }

    private void cancel() {
        OpenFetch canceled = open;
        open = null;
        if (canceled != null) {
            canceled.answer().cancel(false);
        }
    }

    /**
     * Checks in a separate task. Several changes cause one check, and completed fetches do not
     * recurse.
     */
    private void checkSoon() {
        if (!checking) {
            checking = true;
            loop.execute(this::check);
        }
    }

    private void check() {
        checking = false;
        if (more) {
            more = false;
            cancel();
        }
        if (stopped || open != null || pausing || credit.isUsedUp()) {
            return;
        }
        int room = stream.roomBytes();
        if (room <= 0) {
            return;
        }
        List<SubscribedPartition> readable = existing(subscribedPartitions.readable());
        if (!readable.isEmpty()) {
            startFetch(readable, room);
        }
    }

    /** Skips deleted topics, because a new topic may have the same name. */
    private List<SubscribedPartition> existing(List<SubscribedPartition> readable) {
        List<SubscribedPartition> existing = new ArrayList<>(readable.size());
        for (SubscribedPartition holding : readable) {
            if (exists(holding)) {
                existing.add(holding);
            } else {
                holding.failed = true;
            }
        }
        return existing;
    }

    private boolean exists(SubscribedPartition holding) {
        return metadata.topics().withId(holding.key.topicId()).isPresent();
    }

    private void startFetch(List<SubscribedPartition> asked, int room) {
        long[] offsets = new long[asked.size()];
        List<FetchQuery.PartitionQuery> queries = new ArrayList<>(asked.size());
        for (int i = 0; i < offsets.length; i++) {
            SubscribedPartition holding = asked.get(i);
            offsets[i] = holding.position;
            queries.add(
                    new FetchQuery.PartitionQuery(
                            holding.name.topic(),
                            holding.name.partition(),
                            holding.position,
                            0,
                            holding.key.topicId()));
        }
        CompletableFuture<FetchResult> answer =
                fetch.fetch(
                        new FetchQuery(queries, FetchQuery.MAX_WAIT, 1, maxBytes(room)),
                        stream.peer());
        OpenFetch asking = new OpenFetch(asked, offsets, answer);
        open = asking;
        var unused =
                answer.whenComplete((result, failure) ->
                        loop.runNowOrLater(() -> answered(asking, result, failure)));
    }

    private int maxBytes(int room) {
        long max = Math.min(Math.min(credit.bytes(), room), MAX_BYTES);
        boolean fewRecords = credit.records() < max / recordBytes;
        return (int)
                (fewRecords
                        ? Math.min(max, Math.max(MIN_BYTES, credit.records() * recordBytes))
                        : max);
    }

    private void answered(
            OpenFetch asked, @Nullable FetchResult result, @Nullable Throwable failure) {
        if (open != asked) {
            return;
        }
        open = null;
        if (result == null) {
            pause(failure);
        } else if (!credit.isUsedUp() && stream.roomBytes() > 0) {
            rejections = 0;
            for (int i = 0; i < asked.asked().size() && !stopped; i++) {
                SubscribedPartition holding = asked.asked().get(i);
                if (holding.isReadable() && holding.position == asked.offsets()[i]) {
                    take(holding, result.partitions().get(i));
                }
            }
            checkSoon();
        }
    }

    /** Pauses after a failed fetch, usually of an overloaded node. */
    private void pause(@Nullable Throwable failure) {
        // Logs unexpected failures.
        ReadRetryPolicy.of(failure);
        metrics.rejected();
        pausing = true;
        loop.schedule(
                ReadRetryPolicy.pauseAfter(rejections++),
                () -> {
                    pausing = false;
                    checkSoon();
                });
    }

    private void take(SubscribedPartition holding, PartitionResult result) {
        Optional<Problem> refusal = access.refusal(holding.name.topic());
        if (refusal.isPresent()) {
            failureListener.failed(holding, refusal.get());
            return;
        }
        switch (result) {
            case PartitionResult.Fetched fetched -> {
                holding.failures = 0;
                if (!fetched.batches().isEmpty() && !credit.isUsedUp() && exists(holding)) {
                    send(holding, fetched);
                }
            }
            case PartitionResult.Failed failed -> failureListener.failed(holding, failed.problem());
        }
    }

    private void send(SubscribedPartition holding, PartitionResult.Fetched fetched) {
        BatchRun.RunPrefix portion = fetched.batches().prefix(holding.position, credit.records());
        int bytes = portion.batches().sizeBytes();
        credit.use(bytes, portion.records());
        recordBytes = (3 * recordBytes + bytes / Math.max(1, portion.records())) / 4 + 1;
        holding.position = portion.nextOffset();
        subscribedPartitions.served(holding);
        metrics.sent(bytes, portion.records());
        stream.send(
                new SubscriberResponse.Batches(
                        holding.name, portion.batches(), fetched.highWatermark()));
    }
}
