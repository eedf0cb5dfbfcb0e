package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.fetch.FetchNode;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetLookup.LookupPosition;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A client that sends malformed batches with correct checksums, and requests offsets by time, for
 * which nodes decode the stored batches.
 */
final class FaultyProducer implements SimulatedClients.Client {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MAX_PAUSE_MILLIS = 300;

    private final SimulatedCluster cluster;
    private final PartitionName place;
    private final SplittableRandom random;
    private int left;
    private int pending;

    FaultyProducer(SimulatedCluster cluster, PartitionName place, SplittableRandom random) {
        this.cluster = cluster;
        this.place = place;
        this.random = random;
        left = 20 + random.nextInt(60);
    }

    @Override
    public void start() {
        if (left == 0) {
            return;
        }
        left--;
        NodeProcess node = SimulatedClients.randomServingNode(cluster, Role.INGEST, random);
        IngestNode ingest = node == null ? null : node.ingest();
        if (node != null && ingest != null) {
            send(cluster.network.connect(node), ingest);
        }
        if (random.nextInt(4) == 0) {
            findOffset();
        }
        cluster.world.schedule(FaultState.between(random, 0, MAX_PAUSE_MILLIS), this::start);
    }

    private void send(Network.Link link, IngestNode ingest) {
        ByteString batch = MalformedBatches.random(random, cluster.wallMs());
        boolean[] done = new boolean[1];
        pending++;
        link.send(() ->
                ingest.produce(
                        link.id,
                        place.topic(),
                        place.partition(),
                        batch,
                        link.process.checkedReply(outcome ->
                                link.reply(() -> {
                                    answered(batch.toByteArray(), outcome);
                                    markDone(done);
                                }))));
        cluster.world.schedule(PATIENCE, () -> markDone(done));
    }

    private void markDone(boolean[] done) {
        pending -= done[0] ? 0 : 1;
        done[0] = true;
    }

    private void answered(byte[] batch, ProduceOutcome outcome) {
        switch (outcome) {
            case ProduceOutcome.Acknowledged(var offset, _, var duplicate, _) ->
                    cluster.malformed.acknowledged(place, duplicate ? -1 : offset, batch);
            case ProduceOutcome.Rejected(var problem) ->
                    cluster.malformed.rejected(place, batch, problem);
        }
    }

    private void findOffset() {
        NodeProcess node = SimulatedClients.randomServingNode(cluster, Role.FETCH, random);
        FetchNode fetch = node == null ? null : node.fetch();
        if (node == null || fetch == null) {
            return;
        }
        long timestampMs = cluster.wallMs() - random.nextInt(10_000);
        OffsetLookup lookup =
                new OffsetLookup(
                        place.topic(), place.partition(), new LookupPosition.Time(timestampMs));
        cluster.network
                .connect(node)
                .send(() -> {
                    var unused = fetch.listOffsets(List.of(lookup));
                });
    }

    @Override
    public boolean isDone() {
        return left == 0 && pending == 0;
    }

    @Override
    public String toString() {
        return "the faulty producer of %s with %d open".formatted(place, pending);
    }
}
