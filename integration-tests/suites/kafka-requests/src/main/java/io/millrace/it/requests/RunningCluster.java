package io.millrace.it.requests;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.test.ClusterInstance;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.Type;
import org.apache.kafka.server.fault.FaultHandlerException;

/** A cluster of Kafka's test framework that consists of one running server. */
final class RunningCluster implements ClusterInstance {
    private final ClusterConfig config;
    private final RunningServer server;
    private final StandInBroker broker;
    private final StandInController controller;

    RunningCluster(ClusterConfig config, RunningServer server) {
        this.config = config;
        this.server = server;
        this.broker = StandInBroker.of(server, config.serverProperties());
        this.controller = StandInController.of(server);
    }

    @Override
    public Type type() {
        return Type.KRAFT;
    }

    @Override
    public Map<Integer, KafkaBroker> brokers() {
        return Map.of(server.number(), broker);
    }

    @Override
    public Map<Integer, ControllerServer> controllers() {
        return Map.of(server.number(), controller);
    }

    @Override
    public ClusterConfig config() {
        return config;
    }

    @Override
    public Set<Integer> controllerIds() {
        return controllers().keySet();
    }

    @Override
    public ListenerName clientListener() {
        return config.brokerListenerName();
    }

    @Override
    public ListenerName controllerListenerName() {
        return config.controllerListenerName();
    }

    @Override
    public String bootstrapServers() {
        return "localhost:" + server.port();
    }

    @Override
    public String bootstrapControllers() {
        return bootstrapServers();
    }

    @Override
    public String clusterId() {
        return server.clusterId();
    }

    @Override
    public void waitTopicCreation(String topic, int partitions) {}

    @Override
    public void waitTopicDeletion(String topic) {}

    @Override
    public Optional<FaultHandlerException> firstFatalException() {
        return Optional.empty();
    }

    @Override
    public Optional<FaultHandlerException> firstNonFatalException() {
        return Optional.empty();
    }

    @Override
    public boolean started() {
        return true;
    }

    @Override
    public boolean stopped() {
        return false;
    }

    @Override
    public void waitForReadyBrokers() {}

    @Override
    public void start() {}

    @Override
    public void stop() {
        throw new UnsupportedOperationException("The test stops brokers.");
    }

    @Override
    public void shutdownBroker(int id) {
        throw new UnsupportedOperationException("The test stops brokers.");
    }

    @Override
    public void startBroker(int id) {
        throw new UnsupportedOperationException("The test stops brokers.");
    }
}
