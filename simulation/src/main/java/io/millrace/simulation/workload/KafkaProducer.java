package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.invariant.SendOrderCheck;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.KafkaLink;
import io.millrace.simulation.world.KafkaPort;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * An idempotent producer of the Kafka protocol with several batches in flight. A batch that it
 * gives up leads to another epoch, as in Kafka's Java client, or another id, as in librdkafka.
 */
final class KafkaProducer implements SimulatedClients.Client {

    private static final Duration PATIENCE = Duration.ofSeconds(7);

    /** The identity with which a partition begins a sequence. */
    record Identity(long producerId, short epoch) {}

    private enum Renewal {
        EPOCH,
        ID
    }

    private final SimulatedCluster cluster;
    private final List<PartitionName> places;
    private final SplittableRandom random;
    private final Renewal renewal;
    private final SendOrderCheck order;
    private final List<KafkaLane> lanes = new ArrayList<>();
    private @Nullable Identity identity;
    private int attempt;
    private boolean requested;

    KafkaProducer(
            SimulatedCluster cluster,
            List<PartitionName> places,
            SendOrderCheck order,
            SplittableRandom random) {
        this.cluster = cluster;
        this.places = places;
        this.order = order;
        this.random = random;
        this.renewal = random.nextBoolean() ? Renewal.EPOCH : Renewal.ID;
    }

    @Override
    public void start() {
        for (PartitionName place : places) {
            lanes.add(new KafkaLane(cluster, place, this, order, random.split()));
        }
        requested = true;
        requestId();
    }

    /** Returns the current identity; null while it is requested. */
    @Nullable Identity identity() {
        return requested ? null : identity;
    }

    /** Returns whether copies of an abandoned batch that arrive late may be stored. */
    boolean storesLateCopies() {
        return renewal == Renewal.ID;
    }

    /** Gives the producer another identity, because the outcome of a batch remains unknown. */
    void renew() {
        Identity known = identity;
        if (requested || known == null) {
            return;
        }
        if (renewal == Renewal.EPOCH) {
            identity = new Identity(known.producerId(), (short) (known.epoch() + 1));
        } else {
            requested = true;
            requestId();
        }
    }

    private void requestId() {
        int own = ++attempt;
        KafkaLink link = connect(cluster, random);
        if (link != null) {
            Identity known = identity;
            InitProducerIdRequestData request =
                    new InitProducerIdRequestData()
                            .setTransactionalId(null)
                            .setTransactionTimeoutMs(60_000);
            if (known != null) {
                request.setProducerId(known.producerId()).setProducerEpoch(known.epoch());
            }
            link.send(
                    ApiKeys.INIT_PRODUCER_ID,
                    4,
                    request,
                    answer -> received(own, (InitProducerIdResponseData) answer));
        }
        cluster.world.schedule(PATIENCE, () -> retry(own));
    }

    private void received(int own, InitProducerIdResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error == Errors.NONE) {
            cluster.records.producerId(answer.producerId());
        } else {
            cluster.violations.check(
                    error == Errors.COORDINATOR_LOAD_IN_PROGRESS
                            || error == Errors.NOT_LEADER_OR_FOLLOWER,
                    "a producer receives %s instead of an id",
                    error);
        }
        if (own != attempt || !requested) {
            return;
        }
        if (error != Errors.NONE) {
            cluster.world.schedule(FaultState.between(random, 10, 300), () -> retry(own));
            return;
        }
        requested = false;
        identity = new Identity(answer.producerId(), answer.producerEpoch());
        lanes.forEach(KafkaLane::sendMore);
    }

    private void retry(int own) {
        if (own == attempt && requested) {
            requestId();
        }
    }

    /** Opens a connection to a node with a Kafka port; null if none serves. */
    static @Nullable KafkaLink connect(SimulatedCluster cluster, SplittableRandom random) {
        List<NodeProcess> serving = cluster.servingKafka();
        if (serving.isEmpty()) {
            return null;
        }
        NodeProcess process = serving.get(random.nextInt(serving.size()));
        KafkaPort port = process.kafka();
        return port == null ? null : new KafkaLink(cluster, process, port);
    }

    @Override
    public boolean isDone() {
        return !lanes.isEmpty() && lanes.stream().allMatch(KafkaLane::isDone);
    }

    @Override
    public String toString() {
        return "a Kafka producer as %s of %s".formatted(identity, lanes);
    }
}
