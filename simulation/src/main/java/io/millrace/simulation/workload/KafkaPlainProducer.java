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
 * A Kafka producer without idempotence and without retries. An acknowledged record must be stored,
 * a rejected record must not.
 */
final class KafkaPlainProducer implements SimulatedClients.Client {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** The first version that accepts all codecs. */
    static final int FIRST_VERSION = 7;

    static final int VERSIONS = 6;

    private final SimulatedCluster cluster;
    private final PartitionName place;
    private final SplittableRandom random;
    private final int maxPauseMillis;
    private @Nullable KafkaLink link;
    private int left;
    private int pending;

    KafkaPlainProducer(SimulatedCluster cluster, PartitionName place, SplittableRandom random) {
        this.cluster = cluster;
        this.place = place;
        this.random = random;
        maxPauseMillis = 20 + random.nextInt(800);
        left = 10 + random.nextInt(40);
    }

    @Override
    public void start() {
        if (left == 0) {
            return;
        }
        left--;
        if (link == null || link.process().loop.isDead() || random.nextInt(20) == 0) {
            link = KafkaProducer.connect(cluster, random);
        }
        if (link != null) {
            send(link);
        }
        cluster.world.schedule(FaultState.between(random, 0, maxPauseMillis), this::start);
    }

    private void send(KafkaLink via) {
        int count = 1 + random.nextInt(4);
        long first = cluster.records.reserveValues(place, count);
        boolean[] done = new boolean[1];
        pending++;
        via.send(
                ApiKeys.PRODUCE,
                FIRST_VERSION + random.nextInt(VERSIONS),
                KafkaBatches.request(
                        place,
                        SimulatedBatches.batch(
                                SimulatedBatches.Stamp.NONE, cluster.wallMs(), first, count)),
                answer -> {
                    answered(first, count, KafkaBatches.decision((ProduceResponseData) answer));
                    markDone(done);
                });
        cluster.world.schedule(PATIENCE, () -> markDone(done));
    }

    private void markDone(boolean[] done) {
        pending -= done[0] ? 0 : 1;
        done[0] = true;
    }

    private void answered(long first, int count, PartitionProduceResponse decision) {
        Errors error = Errors.forCode(decision.errorCode());
        if (error == Errors.NONE) {
            cluster.records.acknowledged(place, first, count, decision.baseOffset());
            return;
        }
        cluster.violations.check(
                KafkaLane.RETRIABLE.contains(error),
                "records %d of %s were rejected with %s",
                first,
                place,
                error);
        if (error != Errors.REQUEST_TIMED_OUT) {
            cluster.records.rejected(place, first, count);
        }
        link = null;
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
