package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.faults.FaultPlan;
import io.millrace.it.faults.FaultProxy;
import io.millrace.it.faults.Speed;
import io.millrace.metadata.etcd.EtcdServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Three nodes with Kafka ports, on an etcd of their own and a bucket behind a {@link FaultProxy}. A
 * node restarts at its ports. Used by one thread.
 */
final class FaultyKafkaCluster implements AutoCloseable {

    static final int NODES = 3;

    private final EtcdServer etcd;
    private final SharedServers.Bucket bucket;
    private final FaultProxy proxy;
    private final Map<String, String> environment;
    private final List<MillraceProcess> nodes = new ArrayList<>();
    private final int[] ports =
            IntStream.range(0, 2 * NODES).map(i -> MillraceProcess.stablePort()).toArray();

    /**
     * @param folder an empty folder
     * @param more further settings of the nodes, as environment variables
     */
    FaultyKafkaCluster(Path folder, Map<String, String> more) throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"));
        bucket = SharedServers.newBucket();
        proxy = FaultProxy.start(bucket.endpoint(), new FaultPlan(42, Speed.UNCHANGED));
        environment = new HashMap<>(more);
        environment.put("AWS_ACCESS_KEY_ID", "local");
        environment.put("AWS_SECRET_ACCESS_KEY", "local");
        environment.put("MILLRACE_NODE_LEASE_S", "2");
        try {
            nodes.addAll(
                    MillraceProcess.allReady(
                            IntStream.range(0, NODES).mapToObj(this::launch).toList()));
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
    }

    private MillraceProcess.Launched launch(int node) {
        return MillraceProcess.launchNode(
                ports[node],
                environment,
                "--etcd",
                etcd.addresses(),
                "--bucket",
                bucket.url(),
                "--s3-endpoint",
                proxy.endpoint().toString(),
                "--node-id",
                "node-" + node,
                "--kafka-port",
                Integer.toString(ports[NODES + node]));
    }

    EtcdServer etcd() {
        return etcd;
    }

    /** Returns the plan of the faults of the bucket. */
    FaultPlan bucket() {
        return proxy.plan();
    }

    MillraceProcess node(int node) {
        return nodes.get(node);
    }

    /** Starts a node that has ended, and waits until it is ready. */
    void restart(int node) {
        nodes.set(node, launch(node).awaitReady());
    }

    /** Ends a node by SIGTERM. */
    void drain(int node) {
        nodes.get(node).sendTerm();
        assertThat(nodes.get(node).awaitEnd()).isZero();
    }

    /** Returns the addresses for Kafka clients. */
    String kafkaAddresses() {
        return nodes.stream().map(MillraceProcess::kafkaAddress).collect(Collectors.joining(","));
    }

    /** Returns settings of a client of Kafka in Java. */
    Map<String, Object> client() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafkaAddresses());
        settings.put("reconnect.backoff.max.ms", "500");
        return settings;
    }

    void createTopics(int partitions, String... topics) throws Exception {
        try (Admin admin = Admin.create(client())) {
            List<NewTopic> all = new ArrayList<>();
            for (String topic : topics) {
                all.add(new NewTopic(topic, partitions, (short) 1));
            }
            admin.createTopics(all).all().get();
        }
    }

    /** Returns the number of the node that coordinates a group. */
    int coordinator(String group) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(client())) {
            int port =
                    Objects.requireNonNull(
                                    admin.describeConsumerGroups(List.of(group))
                                            .all()
                                            .get()
                                            .get(group))
                            .coordinator()
                            .port();
            return IntStream.range(0, NODES)
                    .filter(node -> ports[NODES + node] == port)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Override
    public void close() throws Exception {
        nodes.forEach(MillraceProcess::close);
        proxy.close();
        etcd.close();
    }
}
