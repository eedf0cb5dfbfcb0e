package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.millrace.protocol.v1.AllocateProducerIdRequest;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An idempotent producer of numbered records for every partition of a topic, which records all
 * acknowledgements. Unacknowledged batches are sent again, with the same sequences, over the next
 * connection. Single-threaded.
 */
final class IdempotentWriter {

    private static final int IN_FLIGHT = 64;

    /** A batch in flight: records {@code first} to {@code first + count - 1} of its partition. */
    private record Pending(long correlation, int partition, int first, int count) {}

    private final String topic;
    private final int partitions;
    private final long producerId;
    private final int[] nextRecord;
    private final Deque<Pending> unacknowledged = new ArrayDeque<>();

    /** For each partition, the offset of each acknowledged record by its number. */
    private final List<Map<Integer, Long>> acknowledged = new ArrayList<>();

    private long nextCorrelation;

    IdempotentWriter(ManagedChannel channel, String topic, int partitions) {
        this.topic = topic;
        this.partitions = partitions;
        this.producerId =
                IngestGrpc.newBlockingStub(channel)
                        .allocateProducerId(AllocateProducerIdRequest.getDefaultInstance())
                        .getProducerId();
        this.nextRecord = new int[partitions];
        for (int p = 0; p < partitions; p++) {
            acknowledged.add(new HashMap<>());
        }
    }

    static String value(int partition, int record) {
        return "partition " + partition + " record " + record + " " + "x".repeat(record % 500);
    }

    /** Returns the offset of each acknowledged record of a partition, by its number. */
    Map<Integer, Long> acknowledged(int partition) {
        return acknowledged.get(partition);
    }

    /** Returns the number of records of a partition that were sent at least once. */
    int begun(int partition) {
        return nextRecord[partition];
    }

    /**
     * Writes over a new connection, unacknowledged batches first, until it breaks or the given
     * number of batches was acknowledged.
     *
     * @param acknowledgements the number of batches; 0 to end when no batch is unacknowledged,
     *     without new ones
     * @param onEnough called once after that number of acknowledgements, with more batches in
     *     flight
     */
    void write(ManagedChannel channel, int acknowledgements, Runnable onEnough) {
        BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        StreamObserver<ProduceStreamRequest> requests =
                IngestGrpc.newStub(channel).produceStream(into(events));
        List<Pending> again = List.copyOf(unacknowledged);
        unacknowledged.clear();
        again.forEach(pending -> send(requests, pending));
        int acks = 0;
        boolean enough = false;
        while (true) {
            while (acknowledgements > 0 && !enough && unacknowledged.size() < IN_FLIGHT) {
                send(requests, fresh());
            }
            if (acknowledgements == 0 && unacknowledged.isEmpty()) {
                requests.onCompleted();
                return;
            }
            Object event = poll(events);
            if (!(event instanceof ProduceStreamResponse response)) {
                return; // The connection broke: unacknowledged batches wait for the next one.
            }
            take(response);
            acks++;
            if (acknowledgements > 0 && acks >= acknowledgements && !enough) {
                enough = true;
                onEnough.run();
            }
        }
    }

    private Pending fresh() {
        int partition = (int) (nextCorrelation % partitions);
        int count = 1 + (int) (nextCorrelation % 7);
        int first = nextRecord[partition];
        nextRecord[partition] += count;
        return new Pending(nextCorrelation++, partition, first, count);
    }

    private void send(StreamObserver<ProduceStreamRequest> requests, Pending pending) {
        byte[][] values = new byte[pending.count()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(pending.partition(), pending.first() + i).getBytes(UTF_8);
        }
        unacknowledged.add(pending);
        requests.onNext(
                ProduceStreamRequest.newBuilder()
                        .setCorrelationId(pending.correlation())
                        .addRequests(
                                ProduceRequest.newBuilder()
                                        .setTopic(topic)
                                        .setPartition(pending.partition())
                                        .setBatch(
                                                KafkaBatches.wrap(
                                                        KafkaBatches.idempotent(
                                                                producerId,
                                                                pending.first(),
                                                                values))))
                        .build());
    }

    private void take(ProduceStreamResponse response) {
        Pending pending =
                unacknowledged.stream()
                        .filter(p -> p.correlation() == response.getCorrelationId())
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("answered twice: " + response));
        ProduceResult result = response.getResults(0);
        if (!result.hasAck()) {
            throw new AssertionError(pending + " was refused: " + result.getError());
        }
        unacknowledged.remove(pending);
        long base = result.getAck().getBaseOffset();
        for (int i = 0; i < pending.count(); i++) {
            acknowledged
                    .get(pending.partition())
                    .put(pending.first() + i, base < 0 ? -1 : base + i);
        }
    }

    private static Object poll(BlockingQueue<Object> events) {
        try {
            Object event = events.poll(30, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("no answer in 30 seconds");
            }
            return event;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static StreamObserver<ProduceStreamResponse> into(BlockingQueue<Object> events) {
        return new StreamObserver<>() {
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
                events.add("completed");
            }
        };
    }
}
