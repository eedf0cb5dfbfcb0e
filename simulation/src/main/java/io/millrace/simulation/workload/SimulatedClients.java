package io.millrace.simulation.workload;

import io.millrace.metadata.membership.Role;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** All clients of the cluster. */
public final class SimulatedClients {

    private static final Map<String, String> UNCOMPRESSED = Map.of("compression.type", "none");

    /** Records take the timestamps of the nodes, which may be wrong. */
    private static final Map<String, String> TIMED_BY_NODES =
            Map.of("compression.type", "none", "message.timestamp.type", "LogAppendTime");

    private static final String KAFKA_TOPIC = "topic-kafka";

    /** A client with a limited amount of work. */
    public interface Client {
        void start();

        boolean isDone();

        @Override
        String toString();
    }

    private final SimulatedCluster cluster;
    private final SplittableRandom random;
    private final List<PartitionName> places = new ArrayList<>();
    private final List<Client> producers = new ArrayList<>();
    private final List<TailingReader> readers = new ArrayList<>();
    private boolean readersStopped;
    private final List<PinnedReader> pinnedReaders = new ArrayList<>();

    private boolean hasMalformed;

    public SimulatedClients(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.random.split();
    }

    /** Creates the topics; the clients of each start after the creation. */
    public void start() {
        begin(new GroupNoise(cluster, random.split()));
        begin(new SecurityNoise(cluster, random.split()));
        if (cluster.hasGroup) {
            begin(new SimulatedGroup(cluster, "sharers", random.split()));
            if (random.nextInt(4) == 0) {
                begin(new SimulatedGroup(cluster, "others", random.split()));
            }
        }
        if (random.nextInt(4) == 0) {
            createTopicForMalformedBatches();
        }
        // Groups read only topics without keys: in a compacted topic, records would be missing.
        int topics = cluster.hasGroup && cluster.hasCompactedTopic ? 2 : 1 + random.nextInt(2);
        for (int i = 0; i < topics; i++) {
            int partitions = 1 + random.nextInt(3);
            boolean keyed = cluster.hasCompactedTopic && i == topics - 1;
            boolean retained = !keyed && random.nextInt(3) == 0;
            String plain = retained ? PartitionName.retained(i) : "topic-" + i;
            String name = keyed ? PartitionName.keyed(i) : plain;
            Map<String, String> unkeyed = random.nextInt(3) == 0 ? TIMED_BY_NODES : UNCOMPRESSED;
            Map<String, String> config = retained ? RetainedTopic.settings(random) : unkeyed;
            TopicCreation creation =
                    new TopicCreation(
                            cluster,
                            name,
                            partitions,
                            keyed ? CompactedTopic.settings(random) : config,
                            random.split(),
                            () -> begin(name, partitions));
            producers.add(creation);
            int maxMillis = keyed ? 500 : i * 5000;
            cluster.world.schedule(FaultState.between(random, 0, maxMillis), creation::start);
        }
    }

    /**
     * Starts clients of the Kafka protocol in half of the runs in which some nodes have a Kafka
     * port.
     */
    public void startKafka(SplittableRandom own) {
        if (own.nextBoolean() || !cluster.speaksKafka()) {
            return;
        }
        int partitions = 1 + own.nextInt(3);
        begin(
                new TopicCreation(
                        cluster,
                        KAFKA_TOPIC,
                        partitions,
                        UNCOMPRESSED,
                        own.split(),
                        () -> beginKafka(partitions, own)));
    }

    private void beginKafka(int partitions, SplittableRandom own) {
        List<PartitionName> here = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            PartitionName place = new PartitionName(KAFKA_TOPIC, i);
            here.add(place);
            TailingReader reader = new TailingReader(cluster, place, own.split());
            readers.add(reader);
            reader.start();
        }
        places.addAll(here);
        for (int i = 1 + own.nextInt(2); i > 0; i--) {
            begin(new KafkaProducer(cluster, here, cluster.order, own.split()));
        }
        for (int i = 1 + own.nextInt(2); i > 0; i--) {
            begin(new KafkaPlainProducer(cluster, here.getFirst(), own.split()));
        }
        if (!cluster.hasRestore) {
            for (KafkaGroup.Protocol protocol : KafkaGroup.Protocol.values()) {
                begin(new KafkaGroup(cluster, protocol, KAFKA_TOPIC, partitions, own.split()));
            }
        }
    }

    private void createTopicForMalformedBatches() {
        Map<String, String> config =
                Map.of(
                        "compression.type",
                        random.nextBoolean() ? "zstd" : "producer",
                        "retention.ms",
                        "-1",
                        SegmentCodecs.SETTING,
                        BatchCodecs.randomSegmentSetting(random));
        PartitionName place = PartitionName.OF_MALFORMED;
        begin(
                new TopicCreation(
                        cluster,
                        place.topic(),
                        1,
                        config,
                        random.split(),
                        () -> {
                            hasMalformed = true;
                            begin(new FaultyProducer(cluster, place, random.split()));
                        }));
    }

    /** Returns whether malformed batches were sent. */
    public boolean hasMalformed() {
        return hasMalformed;
    }

    private void begin(String topic, int partitions) {
        List<PartitionName> here = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            here.add(new PartitionName(topic, i));
        }
        places.addAll(here);
        for (int i = 1 + random.nextInt(PartitionName.isKeyed(topic) ? 1 : 3); i > 0; i--) {
            begin(new IdempotentProducer(cluster, randomPartitions(here), random.split()));
        }
        if (PartitionName.isKeyed(topic)) {
            // Removed records at the start of a log are checked again only by late readers.
            beginLater(new IdempotentProducer(cluster, randomPartitions(here), random.split()));
        }
        for (int i = 1 + random.nextInt(PartitionName.isKeyed(topic) ? 1 : 2); i > 0; i--) {
            begin(new PlainProducer(cluster, randomPartitions(here), random.split()));
        }
        for (PartitionName place : here) {
            TailingReader reader = new TailingReader(cluster, place, random.split());
            readers.add(reader);
            reader.start();
        }
        if (!PartitionName.isKeyed(topic)
                && !PartitionName.isRetained(topic)
                && random.nextInt(3) > 0) {
            begin(new SegmentCodecs(cluster, topic, random.split()));
        }
        if (cluster.hasLags) {
            cluster.nodesWith(Role.FETCH)
                    .forEach(node -> readOnlyAt(node, randomPartitions(here).getFirst()));
        }
        if (PartitionName.isKeyed(topic)) {
            begin(
                    new CompactedTopic(
                            cluster,
                            topic,
                            partitions,
                            random.split(),
                            added -> begin(new PartitionName(topic, added))));
        }
        if (random.nextInt(PartitionName.isKeyed(topic) ? 4 : 2) == 0) {
            begin(new Trimming(cluster, here, random.split()));
            // Before or during the read, the first records may be deleted.
            TailingReader late =
                    new TailingReader(cluster, randomPartitions(here).getFirst(), random.split());
            readers.add(late);
            cluster.world.schedule(FaultState.between(random, 1000, 10_000), late::start);
        }
    }

    private void begin(PartitionName added) {
        places.add(added);
        begin(new IdempotentProducer(cluster, List.of(added), random.split()));
        TailingReader reader = new TailingReader(cluster, added, random.split());
        readers.add(reader);
        if (!readersStopped) {
            reader.start();
        }
    }

    private void readOnlyAt(SimulatedNode node, PartitionName place) {
        PinnedReader reader = new PinnedReader(cluster, node, place, random.split());
        pinnedReaders.add(reader);
        reader.start();
    }

    private void beginLater(Client producer) {
        producers.add(producer);
        cluster.world.schedule(FaultState.between(random, 4000, 12_000), producer::start);
    }

    private void begin(Client producer) {
        producers.add(producer);
        producer.start();
    }

    private List<PartitionName> randomPartitions(List<PartitionName> of) {
        List<PartitionName> chosen = new ArrayList<>(of);
        while (chosen.size() > 1 && random.nextBoolean()) {
            chosen.remove(random.nextInt(chosen.size()));
        }
        return chosen;
    }

    static @Nullable NodeProcess randomServingNode(
            SimulatedCluster cluster, SplittableRandom random) {
        return randomServingNode(cluster.nodes, random);
    }

    /** Returns a serving process with the role; null if there is none. */
    static @Nullable NodeProcess randomServingNode(
            SimulatedCluster cluster, Role role, SplittableRandom random) {
        return randomServingNode(cluster.nodesWith(role), random);
    }

    private static @Nullable NodeProcess randomServingNode(
            List<SimulatedNode> nodes, SplittableRandom random) {
        List<NodeProcess> serving = new ArrayList<>();
        for (SimulatedNode node : nodes) {
            NodeProcess process = node.serving();
            if (process != null) {
                serving.add(process);
            }
        }
        return serving.isEmpty() ? null : serving.get(random.nextInt(serving.size()));
    }

    /** Returns all partitions except of topics about to be deleted. */
    public List<PartitionName> places() {
        return places.stream()
                .filter(place -> !cluster.topicsToDelete.contains(place.topic()))
                .toList();
    }

    public List<Client> unfinished() {
        List<Client> busy = new ArrayList<>();
        for (Client producer : producers) {
            if (!producer.isDone()) {
                busy.add(producer);
            }
        }
        return busy;
    }

    public void stopReaders() {
        readersStopped = true;
        readers.forEach(TailingReader::stop);
        pinnedReaders.forEach(PinnedReader::stop);
    }
}
