package io.millrace.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.FakeLog;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.protocol.v1.ProduceRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One sequenced partition, the log behind it, and the wire between them, controlled step by step by
 * a test. Applies the partition's decisions as {@link BatchDispatcher} does, without threads or
 * time.
 */
final class SequencedPartitionHarness {

    /** The reported outcome of a record. */
    enum Fate {
        STORED,
        FAILED,
        UNKNOWN
    }

    /** The server's response to a batch. */
    private record Answer(
            PendingBatch batch, @Nullable ProduceAck ack, @Nullable Problem problem) {}

    /** A batch in flight, with its bytes at the time of sending. */
    private record Arriving(PendingBatch batch, ProduceRequest request) {}

    final FakeLog log = new FakeLog();
    final SequencedPartition sequenced;
    private final PartitionQueue partition;
    private final ArrayDeque<Arriving> wire = new ArrayDeque<>();
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private final List<PendingBatch> batches = new ArrayList<>();
    private final SequencedMap<String, Fate> fates = new LinkedHashMap<>();
    private int nextRecord;

    SequencedPartitionHarness(boolean numbered, int maxInFlight, int maxMessageBytes) {
        log.create("t", 1, Map.of("max.message.bytes", "" + maxMessageBytes));
        sequenced = new SequencedPartition(numbered, maxInFlight);
        partition = new PartitionQueue(new TopicPartition("t", 0), sequenced);
    }

    /** Queues a batch of the next records. */
    PendingBatch add(int records) {
        PendingBatch batch =
                new PendingBatch(
                        partition, 0, new BatchPayload.Encoded(new BatchWriter(64 * records)));
        for (int i = 0; i < records; i++) {
            String value = "" + nextRecord++;
            batch.append(
                    OutgoingRecord.of("t", null, value.getBytes(UTF_8)), 1, 64, reporting(value));
        }
        batch.finish(CompressionCodec.NONE);
        return lineUp(batch);
    }

    /** Queues a batch of one record that the application encoded. */
    PendingBatch addReady() {
        String value = "" + nextRecord++;
        BatchWriter writer = new BatchWriter(256);
        writer.append(null, value.getBytes(UTF_8), List.of(), 1);
        writer.seal(CompressionCodec.NONE);
        PendingBatch batch =
                new PendingBatch(partition, 0, new BatchPayload.PreEncoded(writer.toByteString()));
        batch.setEncoded(1, writer.sizeBytes(), reporting(value));
        batch.finished = true;
        return lineUp(batch);
    }

    private PendingBatch lineUp(PendingBatch batch) {
        batches.add(batch);
        sequenced.add(batch);
        return batch;
    }

    private DeliveryListener reporting(String value) {
        return new DeliveryListener() {
            @Override
            public void stored(ProduceResult batch, int index) {
                report(Fate.STORED);
            }

            @Override
            public void failed(MillraceException failure) {
                report(
                        failure instanceof MillraceException.OutcomeUnknown
                                ? Fate.UNKNOWN
                                : Fate.FAILED);
            }

            private void report(Fate fate) {
                if (fates.put(value, fate) != null) {
                    throw new AssertionError("Told twice: " + value);
                }
            }
        };
    }

    /** Sends one batch, if the partition has one to send. */
    boolean send() {
        if (sequenced.next() == SequencedPartition.NextAction.ALLOCATE_PRODUCER_ID) {
            sequenced
                    .restart(new ProducerIdAndEpoch(log.newProducer(), 0))
                    .forEach(batch -> batch.fail(RetryDecision.outcomeUnknown(partition.id)));
        }
        if (sequenced.next() != SequencedPartition.NextAction.SEND) {
            return false;
        }
        PendingBatch batch = sequenced.take();
        ProduceRequest request = batch.toRequest(false);
        // The wire keeps a copy: the batch may be stamped again while an old attempt is in flight.
        wire.add(new Arriving(batch, request.toBuilder().setBatch(copy(request)).build()));
        return true;
    }

    private static com.google.protobuf.ByteString copy(ProduceRequest request) {
        return com.google.protobuf.ByteString.copyFrom(request.getBatch().toByteArray());
    }

    /** Sends all batches that the partition has to send. */
    void sendAll() {
        while (send()) {}
    }

    /** Processes the next batch on the wire normally. */
    void serve() {
        Arriving next = wire.poll();
        if (next != null) {
            answers.add(served(next));
        }
    }

    private Answer served(Arriving next) {
        try {
            return new Answer(next.batch(), log.append(next.request()), null);
        } catch (ProblemException rejected) {
            return new Answer(next.batch(), null, rejected.problem());
        }
    }

    /** Rejects the next batch on the wire. */
    void reject(Reason reason) {
        Arriving next = wire.poll();
        if (next != null) {
            answers.add(new Answer(next.batch(), null, new Problem(reason, "On purpose.")));
        }
    }

    /** Stores the next batch on the wire, but reports an unknown outcome. */
    void serveAndDoubt() {
        Arriving next = wire.poll();
        if (next != null) {
            served(next);
            answers.add(
                    new Answer(
                            next.batch(), null, new Problem(Reason.OUTCOME_UNKNOWN, "Perhaps.")));
        }
    }

    /** Delivers the next response to the client. */
    void receive() {
        Answer next = answers.poll();
        if (next == null) {
            return;
        }
        sequenced.attemptEnded();
        ProduceAck ack = next.ack();
        if (!next.batch().isDone()) {
            if (ack != null) {
                sequenced.stored(next.batch());
                next.batch().succeed(RetryDecision.stored(next.batch(), ack));
            } else if (next.problem() != null) {
                rejected(next.batch(), next.problem());
            }
        }
        sequenced.requeue();
    }

    /**
     * Breaks the stream: the server still processes the first {@code stillArrive} batches; all
     * responses and later batches are lost.
     */
    void breakStream(int stillArrive) {
        for (int i = 0; i < stillArrive; i++) {
            serve();
        }
        List<PendingBatch> unanswered = new ArrayList<>();
        answers.forEach(answer -> unanswered.add(answer.batch()));
        wire.forEach(arriving -> unanswered.add(arriving.batch()));
        answers.clear();
        wire.clear();
        for (PendingBatch batch : unanswered) {
            sequenced.attemptEnded();
            if (!batch.isDone()) {
                rejected(batch, new Problem(Reason.OUTCOME_UNKNOWN, "Broken."));
            }
        }
        sequenced.requeue();
    }

    private void rejected(PendingBatch batch, Problem problem) {
        switch (sequenced.rejected(batch, problem)) {
            case RetryDecision.Retry retry -> {}
            case RetryDecision.NewProducerId decision -> {}
            case RetryDecision.Split() -> {
                List<PendingBatch> halves =
                        BatchSplit.halves(batch, sequenced.producerId(), CompressionCodec.NONE);
                sequenced.replace(batch, halves);
                batches.addAll(halves);
            }
            case RetryDecision.FailBatch(MillraceException failure) -> batch.fail(failure);
            case RetryDecision.Fenced(MillraceException failure) -> batch.fail(failure);
        }
    }

    /** Expires a batch. */
    void expire(PendingBatch batch) {
        if (!batch.isDone()) {
            sequenced.abort(batch);
            batch.fail(
                    batch.maybeStored
                            ? new MillraceException.OutcomeUnknown("Late.")
                            : new MillraceException.TimedOut("Late."));
        }
    }

    /** Runs without faults until every outcome is reported. */
    void finish() {
        for (int turn = 0; turn < 10_000 && !open().isEmpty(); turn++) {
            sendAll();
            serve();
            receive();
        }
        if (!open().isEmpty()) {
            throw new AssertionError("Nobody was told of " + open().size() + " batches");
        }
    }

    /** Returns the unsettled batches, in the order of their records. */
    List<PendingBatch> open() {
        return batches.stream().filter(batch -> !batch.isDone()).toList();
    }

    /** Returns whether the server may have stored a batch without the client being certain. */
    boolean anyInDoubt() {
        return !wire.isEmpty()
                || !answers.isEmpty()
                || open().stream().anyMatch(batch -> batch.maybeStored);
    }

    int records() {
        return nextRecord;
    }

    /** Returns the outcome of each record, in the order of the reports. */
    SequencedMap<String, Fate> fates() {
        return fates;
    }

    List<Integer> stored() {
        return StreamSupport.stream(log.all("t", 0).records().spliterator(), false)
                .map(record -> Integer.parseInt(UTF_8.decode(record.value()).toString()))
                .toList();
    }
}
