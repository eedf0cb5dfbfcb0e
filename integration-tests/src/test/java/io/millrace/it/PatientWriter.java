package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AllocateProducerIdRequest;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An idempotent producer on one stream and its own thread, which continues after every retriable
 * rejection. Rejected batches are sent again in order, with the same sequences, before new ones of
 * that partition. Sends as fast as the server reads, or at a given rate.
 */
final class PatientWriter implements AutoCloseable {

    static final int RECORDS_PER_BATCH = 16;

    private static final int PAUSE_MILLIS = 200;

    /** A batch that is not acknowledged. */
    private static final class Pending {
        private final int partition;
        private final int first;
        private boolean sent;

        Pending(int partition, int first) {
            this.partition = partition;
            this.first = first;
        }
    }

    /** The state of one partition's batches. */
    private static final class Lane {
        private final Deque<Pending> unacknowledged = new ArrayDeque<>();
        private final List<Long> acknowledgedOffsets = new ArrayList<>();
        private int nextRecord;
        private boolean rejected;
        private long resendNanos;
    }

    private final String topic;
    private final long producerId;
    private final List<Lane> lanes = new ArrayList<>();
    private final Map<Long, Pending> inFlight = new HashMap<>();
    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final Map<Reason, Long> rejections = new EnumMap<>(Reason.class);
    private final AtomicLong acknowledgements = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicLong unacknowledgedBatches = new AtomicLong();
    private final Thread thread;
    private final List<Throwable> ends = new CopyOnWriteArrayList<>();
    private @Nullable ClientCallStreamObserver<ProduceStreamRequest> requests;
    private volatile int batchesPerSecond;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;
    private int turn;
    private long nextCorrelation;

    PatientWriter(ManagedChannel channel, String topic, int partitions, int batchesPerSecond) {
        this.topic = topic;
        this.batchesPerSecond = batchesPerSecond;
        for (int p = 0; p < partitions; p++) {
            lanes.add(new Lane());
        }
        producerId =
                IngestGrpc.newBlockingStub(channel)
                        .allocateProducerId(AllocateProducerIdRequest.getDefaultInstance())
                        .getProducerId();
        connect(channel);
        thread = Thread.ofPlatform().name("patient-writer").start(this::run);
    }

    static String value(int partition, int record) {
        return "partition " + partition + " record " + record + " " + "x".repeat(4000);
    }

    /** Sets the number of batches per second; 0 for as many as the server reads. */
    void setRate(int batches) {
        batchesPerSecond = batches;
    }

    long acknowledgements() {
        check();
        return acknowledgements.get();
    }

    /** Returns the number of rejections, all of them retriable. */
    long rejections() {
        check();
        return rejected.get();
    }

    /** Returns the number of batches that were sent and are not acknowledged. */
    long unacknowledgedBatches() {
        return unacknowledgedBatches.get();
    }

    /** Returns the number of rejections by reason. After the end only. */
    Map<Reason, Long> reasons() {
        return rejections;
    }

    /** Reads all records and checks that they are the acknowledged ones. After the end only. */
    void checkStored(ManagedChannel channel) {
        for (int p = 0; p < lanes.size(); p++) {
            List<Long> offsets = lanes.get(p).acknowledgedOffsets;
            List<KafkaBatches.Read> records =
                    readAtLeast(channel, p, offsets.size() * RECORDS_PER_BATCH);
            assertThat(records).hasSize(offsets.size() * RECORDS_PER_BATCH);
            for (int i = 0; i < records.size(); i++) {
                assertThat(records.get(i).offset()).isEqualTo(i);
                assertThat(new String(records.get(i).value(), UTF_8)).isEqualTo(value(p, i));
            }
            for (int b = 0; b < offsets.size(); b++) {
                // The server may no longer have the offset of an old batch that is sent again.
                assertThat(offsets.get(b)).isIn((long) b * RECORDS_PER_BATCH, -1L);
            }
        }
    }

    /** Reads a partition, once the node knows so many records: it can be behind the writer's. */
    private List<KafkaBatches.Read> readAtLeast(ManagedChannel channel, int partition, int count) {
        List<KafkaBatches.Read> records = new ArrayList<>();
        Eventually.await(
                () ->
                        "%d records of partition %d, of which %d are there"
                                .formatted(count, partition, records.size()),
                () -> {
                    records.clear();
                    records.addAll(PartitionReader.all(channel, topic, partition));
                    return records.size() >= count;
                });
        return records;
    }

    /** Continues with a new stream after the last one has ended. */
    void connect(ManagedChannel channel) {
        events.add(channel);
    }

    /** Returns the errors with which its streams ended early. */
    List<Throwable> ends() {
        check();
        return ends;
    }

    /** Stops new batches and waits until all are acknowledged. */
    void finish() {
        stopping = true;
        try {
            if (!thread.join(Duration.ofSeconds(60))) {
                throw new AssertionError(
                        unacknowledgedBatches + " batches get no acknowledgement: " + rejections);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        check();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void check() {
        if (failure != null) {
            throw new AssertionError("the writer failed", failure);
        }
    }

    private void run() {
        try {
            long begunNanos = System.nanoTime();
            while (!stopping || unacknowledgedBatches.get() > 0) {
                Object event = events.poll(5, TimeUnit.MILLISECONDS);
                for (; event != null; event = events.poll()) {
                    take(event);
                }
                resend();
                int pace = batchesPerSecond;
                long due = pace == 0 ? 64 : (System.nanoTime() - begunNanos) * pace / 1_000_000_000;
                begunNanos = due > 0 ? System.nanoTime() : begunNanos;
                for (; due > 0 && !stopping; due--) {
                    sendFresh();
                }
            }
        } catch (InterruptedException closed) {
            // The close of the writer ends the connection too.
        } catch (Throwable wrong) {
            failure = wrong;
        }
    }

    private void sendFresh() {
        int partition = turn++ % lanes.size();
        Lane lane = lanes.get(partition);
        if (requests != null && requests.isReady() && !lane.rejected) {
            Pending fresh = new Pending(partition, lane.nextRecord);
            lane.nextRecord += RECORDS_PER_BATCH;
            lane.unacknowledged.add(fresh);
            unacknowledgedBatches.incrementAndGet();
            send(requests, fresh);
        }
    }

    /** Resends a partition from the rejected batch on, when none of its batches is in flight. */
    private void resend() {
        for (Lane lane : lanes) {
            if (lane.rejected
                    && requests != null
                    && lane.unacknowledged.stream().noneMatch(pending -> pending.sent)
                    && System.nanoTime() - lane.resendNanos > 0) {
                lane.rejected = false;
                for (Pending pending : lane.unacknowledged) {
                    send(requests, pending);
                }
            }
        }
    }

    private void send(ClientCallStreamObserver<ProduceStreamRequest> stream, Pending pending) {
        byte[][] values = new byte[RECORDS_PER_BATCH][];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(pending.partition, pending.first + i).getBytes(UTF_8);
        }
        pending.sent = true;
        long correlation = nextCorrelation++;
        inFlight.put(correlation, pending);
        stream.onNext(
                ProduceStreamRequest.newBuilder()
                        .setCorrelationId(correlation)
                        .addRequests(
                                ProduceRequest.newBuilder()
                                        .setTopic(topic)
                                        .setPartition(pending.partition)
                                        .setBatch(
                                                KafkaBatches.wrap(
                                                        KafkaBatches.idempotent(
                                                                producerId,
                                                                pending.first,
                                                                values))))
                        .build());
    }

    private void take(Object event) {
        switch (event) {
            case ProduceStreamResponse response -> take(response);
            case ManagedChannel channel ->
                    requests =
                            (ClientCallStreamObserver<ProduceStreamRequest>)
                                    IngestGrpc.newStub(channel).produceStream(new Answers());
            case Throwable end -> {
                requests = null;
                inFlight.clear();
                for (Lane lane : lanes) {
                    lane.rejected = true;
                    lane.unacknowledged.forEach(pending -> pending.sent = false);
                }
                ends.add(end);
            }
            default -> throw new AssertionError(event);
        }
    }

    private void take(ProduceStreamResponse response) {
        Pending pending = inFlight.remove(response.getCorrelationId());
        if (pending == null) {
            throw new AssertionError("answered twice: " + response);
        }
        Lane lane = lanes.get(pending.partition);
        ProduceResult result = response.getResults(0);
        pending.sent = false;
        if (result.hasAck()) {
            if (lane.unacknowledged.poll() != pending) {
                throw new AssertionError("acknowledged before earlier batches: " + result);
            }
            unacknowledgedBatches.decrementAndGet();
            lane.acknowledgedOffsets.add(result.getAck().getBaseOffset());
            acknowledgements.incrementAndGet();
            return;
        }
        Problem problem = Problem.fromStatus(result.getError()).orElseThrow();
        boolean afterARejection =
                problem.reason() == Reason.OUT_OF_ORDER_SEQUENCE
                        && lane.unacknowledged.peek() != pending;
        if (!problem.retriable() && !afterARejection) {
            throw new AssertionError(problem.toString());
        }
        lane.rejected = true;
        lane.resendNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
        rejections.merge(problem.reason(), 1L, Long::sum);
        rejected.incrementAndGet();
    }

    private final class Answers implements StreamObserver<ProduceStreamResponse> {
        @Override
        public void onNext(ProduceStreamResponse response) {
            events.add(response);
        }

        @Override
        public void onError(Throwable broken) {
            events.add(broken);
        }

        @Override
        public void onCompleted() {
            events.add(new AssertionError("the server completed the stream early"));
        }
    }
}
