package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.invariant.SendOrderCheck;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.KafkaLink;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One partition of an idempotent Kafka producer. Batches that failed are sent again with their
 * sequences, in order, possibly to another node while others are in flight.
 */
final class KafkaLane {

    /** Codes after which clients send a batch again, and one of nodes whose clock is behind. */
    static final Set<Errors> RETRIABLE =
            EnumSet.of(
                    Errors.NOT_LEADER_OR_FOLLOWER,
                    Errors.KAFKA_STORAGE_ERROR,
                    Errors.REQUEST_TIMED_OUT,
                    Errors.INVALID_TIMESTAMP);

    /** Longer than a node waits for its log or under back-pressure. */
    private static final Duration MAX_TIMEOUT = Duration.ofSeconds(40);

    private static final int MAX_IN_FLIGHT = 5;

    private static final class Batch {
        private final long firstValue;
        private final int count;
        private final int sequence;
        private final long timestampMs;
        private @Nullable KafkaLink inFlightOver;
        private int attempts;

        private Batch(long firstValue, int count, int sequence, long timestampMs) {
            this.firstValue = firstValue;
            this.count = count;
            this.sequence = sequence;
            this.timestampMs = timestampMs;
        }

        @Override
        public String toString() {
            return "%d from %d after %d attempts".formatted(count, firstValue, attempts);
        }
    }

    private final SimulatedCluster cluster;
    private final PartitionName place;
    private final KafkaProducer producer;
    private final SendOrderCheck order;
    private final long sender;
    private final SplittableRandom random;
    private final int window;
    private final int version;
    private final int maxPauseMillis;
    private Duration requestTimeout;
    private final List<Batch> unacknowledged = new ArrayList<>();
    private KafkaProducer.@Nullable Identity identity;
    private @Nullable KafkaLink link;
    private int left;
    private int nextSequence;
    private boolean pausing;

    KafkaLane(
            SimulatedCluster cluster,
            PartitionName place,
            KafkaProducer producer,
            SendOrderCheck order,
            SplittableRandom random) {
        this.cluster = cluster;
        this.place = place;
        this.producer = producer;
        this.order = order;
        this.sender = order.newSender();
        this.random = random;
        window = 1 + random.nextInt(MAX_IN_FLIGHT);
        version = KafkaPlainProducer.FIRST_VERSION + random.nextInt(KafkaPlainProducer.VERSIONS);
        requestTimeout = FaultState.between(random, 300, 9000);
        maxPauseMillis = 20 + random.nextInt(800);
        left = 10 + random.nextInt(40);
    }

    /** Adds a batch, and sends what is not in flight. */
    void sendMore() {
        if (unacknowledged.isEmpty() && producer.identity() != null) {
            useIdentity(producer.identity());
        }
        if (identity == null) {
            return;
        }
        if (left > 0 && unacknowledged.size() < window && identity.equals(producer.identity())) {
            left--;
            int count = 1 + random.nextInt(4);
            long first = cluster.records.reserveValues(place, count);
            order.sent(sender, first, count);
            unacknowledged.add(new Batch(first, count, nextSequence, cluster.wallMs()));
            nextSequence += count;
        }
        sendWaiting();
        later(maxPauseMillis);
    }

    private void useIdentity(KafkaProducer.@Nullable Identity current) {
        if (current != null && !current.equals(identity)) {
            identity = current;
            nextSequence = 0;
        }
    }

    private void later(int maxMillis) {
        if (!pausing && !isDone()) {
            pausing = true;
            cluster.world.schedule(
                    FaultState.between(random, 1, maxMillis),
                    () -> {
                        pausing = false;
                        sendMore();
                    });
        }
    }

    private void sendWaiting() {
        for (Batch batch : List.copyOf(unacknowledged)) {
            if (batch.inFlightOver == null) {
                send(batch);
            }
        }
    }

    private void send(Batch batch) {
        if (random.nextInt(8) == 0) {
            // New metadata name another leader, while requests to the former one are in flight.
            link = null;
        }
        KafkaLink via = link == null ? KafkaProducer.connect(cluster, random) : link;
        link = via;
        KafkaProducer.Identity own = identity;
        if (via == null || own == null) {
            return;
        }
        batch.inFlightOver = via;
        int attempt = ++batch.attempts;
        via.send(
                ApiKeys.PRODUCE,
                version,
                KafkaBatches.request(
                        place,
                        SimulatedBatches.batch(
                                new SimulatedBatches.Stamp(
                                        own.producerId(), own.epoch(), batch.sequence),
                                batch.timestampMs,
                                batch.firstValue,
                                batch.count)),
                answer -> answered(via, batch, attempt, (ProduceResponseData) answer));
        cluster.world.schedule(requestTimeout, () -> timedOut(via, batch, attempt));
    }

    /** As the clients do, closes the connection, so that all its requests fail. */
    private void timedOut(KafkaLink via, Batch batch, int attempt) {
        if (batch.inFlightOver != via || batch.attempts != attempt) {
            return;
        }
        // Under back-pressure an answer takes seconds, however often the client retries.
        Duration longer = requestTimeout.multipliedBy(2);
        requestTimeout = longer.compareTo(MAX_TIMEOUT) < 0 ? longer : MAX_TIMEOUT;
        via.close();
        if (link == via) {
            link = null;
        }
        for (Batch other : unacknowledged) {
            if (other.inFlightOver == via) {
                other.inFlightOver = null;
            }
        }
        abandonOrRetry(batch);
    }

    private void answered(KafkaLink via, Batch batch, int attempt, ProduceResponseData answer) {
        ProduceResponseData.PartitionProduceResponse decision = KafkaBatches.decision(answer);
        Errors error = Errors.forCode(decision.errorCode());
        cluster.trace.note(
                cluster.world.nanoTime(),
                error.name(),
                place.partition(),
                batch.firstValue,
                attempt);
        if (error == Errors.NONE || error == Errors.DUPLICATE_SEQUENCE_NUMBER) {
            cluster.records.acknowledged(
                    place, batch.firstValue, batch.count, decision.baseOffset());
            if (unacknowledged.remove(batch)) {
                sendMore();
            }
            return;
        }
        if (attempt != batch.attempts || !unacknowledged.contains(batch)) {
            return;
        }
        cluster.violations.check(
                RETRIABLE.contains(error),
                "records %d of %s were rejected with %s: %s",
                batch.firstValue,
                place,
                error,
                decision.errorMessage());
        batch.inFlightOver = null;
        if (error == Errors.NOT_LEADER_OR_FOLLOWER && random.nextBoolean() && link == via) {
            // Requests in flight to the former leader are answered.
            link = null;
        }
        if (error == Errors.REQUEST_TIMED_OUT) {
            abandonOrRetry(batch);
        } else {
            later(300);
        }
    }

    /** Gives up the only batch at times, as after the time of a delivery. */
    private void abandonOrRetry(Batch batch) {
        if (unacknowledged.size() == 1
                && unacknowledged.contains(batch)
                && random.nextInt(4) == 0) {
            cluster.trace.note(
                    cluster.world.nanoTime(), "abandoned", place.partition(), batch.firstValue, 0);
            unacknowledged.remove(batch);
            if (producer.storesLateCopies()) {
                order.mayBeLate(batch.firstValue, batch.count);
            }
            identity = null;
            producer.renew();
        }
        later(300);
    }

    boolean isDone() {
        return left == 0 && unacknowledged.isEmpty();
    }

    @Override
    public String toString() {
        return "%s as %s, %d batches to send, unacknowledged: %s"
                .formatted(place, identity, left, unacknowledged);
    }
}
