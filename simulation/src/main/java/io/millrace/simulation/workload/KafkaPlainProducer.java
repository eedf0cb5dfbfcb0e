package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.KafkaLink;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.SplittableRandom;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka producer without idempotence. It sends a record once, or again after each failure until
 * the record is acknowledged or all attempts are used. An acknowledged record must be stored, a
 * rejected attempt must store nothing.
 */
final class KafkaPlainProducer implements SimulatedClients.Client {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MAX_ATTEMPTS = 5;

    /** The first version that accepts all codecs. */
    static final int FIRST_VERSION = 7;

    static final int VERSIONS = 6;

    private final SimulatedCluster cluster;
    private final PartitionName place;
    private final SplittableRandom random;
    private final int maxPauseMillis;
    private final int maxAttempts;
    private final Duration requestTimeout;
    private @Nullable KafkaLink link;
    private int left;
    private int pending;

    KafkaPlainProducer(SimulatedCluster cluster, PartitionName place, SplittableRandom random) {
        this.cluster = cluster;
        this.place = place;
        this.random = random;
        maxPauseMillis = 20 + random.nextInt(800);
        left = 10 + random.nextInt(40);
        maxAttempts = random.nextBoolean() ? 1 : MAX_ATTEMPTS;
        requestTimeout = maxAttempts == 1 ? PATIENCE : FaultState.between(random, 300, 9000);
    }

    @Override
    public void start() {
        if (left == 0) {
            return;
        }
        left--;
        int count = 1 + random.nextInt(4);
        pending++;
        send(new Batch(cluster.records.reserveValues(place, count), count, cluster.wallMs()), 1);
        cluster.world.schedule(FaultState.between(random, 0, maxPauseMillis), this::start);
    }

    private record Batch(long firstValue, int count, long timestampMs) {}

    private void send(Batch batch, int attempt) {
        if (link == null || link.process().loop.isDead() || random.nextInt(20) == 0) {
            link = KafkaProducer.connect(cluster, random);
        }
        KafkaLink via = link;
        boolean[] done = new boolean[1];
        if (via != null) {
            cluster.records.attempted(batch.firstValue(), batch.count());
            via.send(
                    ApiKeys.PRODUCE,
                    FIRST_VERSION + random.nextInt(VERSIONS),
                    KafkaBatches.request(
                            place,
                            SimulatedBatches.batch(
                                    SimulatedBatches.Stamp.NONE,
                                    batch.timestampMs(),
                                    batch.firstValue(),
                                    batch.count())),
                    answer -> {
                        boolean stored =
                                answered(
                                        batch, KafkaBatches.decision((ProduceResponseData) answer));
                        end(batch, attempt, done, stored);
                    });
        }
        cluster.world.schedule(requestTimeout, () -> end(batch, attempt, done, false));
    }

    /** Ends an attempt, whose answer may arrive later all the same. */
    private void end(Batch batch, int attempt, boolean[] done, boolean stored) {
        if (done[0]) {
            return;
        }
        done[0] = true;
        if (stored || attempt == maxAttempts) {
            pending--;
        } else {
            link = null;
            cluster.world.schedule(
                    FaultState.between(random, 1, 300), () -> send(batch, attempt + 1));
        }
    }

    /** Returns whether the batch is stored. */
    private boolean answered(Batch batch, PartitionProduceResponse decision) {
        Errors error = Errors.forCode(decision.errorCode());
        if (error == Errors.NONE) {
            cluster.records.acknowledged(
                    place, batch.firstValue(), batch.count(), decision.baseOffset());
            return true;
        }
        cluster.violations.check(
                KafkaLane.RETRIABLE.contains(error),
                "records %d of %s were rejected with %s",
                batch.firstValue(),
                place,
                error);
        if (error != Errors.REQUEST_TIMED_OUT) {
            cluster.records.attemptRejected(batch.firstValue(), batch.count());
        }
        link = null;
        return false;
    }

    @Override
    public boolean isDone() {
        return left == 0 && pending == 0;
    }

    @Override
    public String toString() {
        return "a Kafka producer without idempotence of %s with %d open".formatted(place, pending);
    }
}
