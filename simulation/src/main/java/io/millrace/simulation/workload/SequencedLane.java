package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One partition of an idempotent producer. After any failure, all unacknowledged batches are sent
 * again, in order, to a newly chosen node.
 */
final class SequencedLane {

    /** Reasons that no node may answer: a client would lose data or stop. */
    private static final Set<Reason> FORBIDDEN =
            Set.of(
                    Reason.UNKNOWN_TOPIC,
                    Reason.UNKNOWN_PARTITION,
                    Reason.UNKNOWN_PRODUCER,
                    Reason.PRODUCER_FENCED,
                    Reason.MALFORMED_BATCH,
                    Reason.CHECKSUM_MISMATCH,
                    Reason.INTERNAL_ERROR);

    private record Sent(long firstValue, int count, int sequence, long timestampMs) {}

    private final SimulatedCluster cluster;
    private final PartitionName place;
    private final long producerId;
    private final SplittableRandom random;
    private final int window;
    private Duration answerTimeout;
    private final int maxPauseMillis;
    private final ArrayDeque<Sent> unacknowledged = new ArrayDeque<>();
    private Network.@Nullable Link link;
    private int left;
    private int nextSequence;
    private int attempt;
    private boolean pausing;

    SequencedLane(
            SimulatedCluster cluster,
            PartitionName place,
            long producerId,
            SplittableRandom random) {
        this.cluster = cluster;
        this.place = place;
        this.producerId = producerId;
        this.random = random;
        window = 1 + random.nextInt(4);
        // Some producers have short timeouts and resend batches that are still in flight.
        answerTimeout = FaultState.between(random, 200, 9000);
        maxPauseMillis = 20 + random.nextInt(1200);
        left = 10 + random.nextInt(40);
    }

    void sendMore() {
        if (pausing || left == 0 || unacknowledged.size() >= window || !connect()) {
            return;
        }
        left--;
        int count = 1 + random.nextInt(4);
        long first = cluster.records.reserveValues(place, count);
        Sent batch = new Sent(first, count, nextSequence, cluster.wallMs());
        nextSequence += count;
        unacknowledged.add(batch);
        send(batch);
        cluster.world.schedule(FaultState.between(random, 0, maxPauseMillis), this::sendMore);
    }

    private boolean connect() {
        if (link == null) {
            NodeProcess node = SimulatedClients.randomServingNode(cluster, Role.INGEST, random);
            if (node == null) {
                pauseThen(() -> {
                    resend();
                    sendMore();
                });
                return false;
            }
            link = cluster.network.connect(node);
        }
        return true;
    }

    private void send(Sent batch) {
        Network.Link via = link;
        IngestNode ingest = via == null ? null : via.process.ingest();
        if (via == null || ingest == null) {
            return;
        }
        int own = attempt;
        via.send(() ->
                ingest.produce(
                        via.id,
                        place.topic(),
                        place.partition(),
                        bytes(batch),
                        via.process.checkedReply(
                                outcome -> via.reply(() -> answered(own, batch, outcome)))));
        cluster.world.schedule(
                answerTimeout,
                () -> {
                    if (own == attempt && unacknowledged.contains(batch)) {
                        // Under back-pressure an answer takes seconds, however often the client
                        // retries.
                        answerTimeout = answerTimeout.multipliedBy(2);
                        restart();
                    }
                });
    }

    private ByteString bytes(Sent batch) {
        SimulatedBatches.Stamp stamp = new SimulatedBatches.Stamp(producerId, batch.sequence());
        return place.isKeyed()
                ? cluster.keyedBatches.batch(
                        stamp, batch.timestampMs(), batch.firstValue(), batch.count())
                : SimulatedBatches.batch(
                        stamp, batch.timestampMs(), batch.firstValue(), batch.count());
    }

    private void answered(int own, Sent batch, ProduceOutcome outcome) {
        switch (outcome) {
            case ProduceOutcome.Acknowledged(var offset, _, _, _) -> {
                // An acknowledgement counts even if the client no longer waits.
                cluster.records.acknowledged(place, batch.firstValue(), batch.count(), offset);
                if (own == attempt && unacknowledged.remove(batch)) {
                    sendMore();
                }
            }
            case ProduceOutcome.Rejected(var problem) -> rejected(own, batch, problem);
        }
    }

    private void rejected(int own, Sent batch, Problem problem) {
        cluster.trace.note(
                cluster.world.nanoTime(),
                problem.reason().name(),
                place.partition(),
                batch.firstValue(),
                own);
        if (cluster.isDeleted(place, problem.reason())) {
            attempt++;
            left = 0;
            unacknowledged.clear();
            return;
        }
        cluster.violations.check(
                !FORBIDDEN.contains(problem.reason()),
                "records %d of %s were rejected: %s",
                batch.firstValue(),
                place,
                problem.message());
        if (own != attempt) {
            return;
        }
        cluster.violations.check(
                problem.reason() != Reason.OUT_OF_ORDER_SEQUENCE || batch != unacknowledged.peek(),
                "record %d of %s was rejected as out of order, but all earlier ones are"
                        + " acknowledged",
                batch.firstValue(),
                place);
        restart();
    }

    private void restart() {
        attempt++;
        link = null;
        pauseThen(() -> {
            resend();
            sendMore();
        });
    }

    private void pauseThen(Runnable then) {
        if (!pausing) {
            pausing = true;
            cluster.world.schedule(
                    FaultState.between(random, 5, 400),
                    () -> {
                        pausing = false;
                        then.run();
                    });
        }
    }

    private void resend() {
        if (connect()) {
            List<Sent> all = new ArrayList<>(unacknowledged);
            all.forEach(this::send);
        }
    }

    boolean isDone() {
        return left == 0 && unacknowledged.isEmpty();
    }

    @Override
    public String toString() {
        return "%s, %d batches to send, unacknowledged: %s".formatted(place, left, unacknowledged);
    }
}
