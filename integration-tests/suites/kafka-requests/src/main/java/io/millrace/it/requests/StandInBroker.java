package io.millrace.it.requests;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import kafka.network.SocketServer;
import kafka.server.BrokerServer;
import kafka.server.KafkaConfig;
import kafka.server.SharedServer;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.metadata.BrokerState;
import org.apache.kafka.metadata.KRaftMetadataCache;

/**
 * A broker object of Kafka that answers with the address, the number and the topics of a running
 * server.
 */
public final class StandInBroker extends BrokerServer {
    private RunningServer server;
    private KafkaConfig config;
    private SocketServer sockets;
    private KRaftMetadataCache topics;
    private SharedServer shared;
    private Metrics metrics;

    private StandInBroker() {
        super(null);
    }

    /**
     * Returns the broker for a server.
     *
     * @param server the server
     * @param settings the settings that the test gave to the broker; the number is the server's
     */
    public static StandInBroker of(RunningServer server, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        all.put("process.roles", "broker");
        all.put("controller.quorum.bootstrap.servers", "localhost:1");
        all.put("controller.listener.names", "CONTROLLER");
        all.put(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT");
        all.put("listeners", "EXTERNAL://localhost:0");
        // A test with listeners of its own names that of the brokers, or has the default.
        if (!settings.containsKey("listener.security.protocol.map")
                && !settings.containsKey("security.inter.broker.protocol")) {
            all.put("inter.broker.listener.name", "EXTERNAL");
        }
        all.put("log.dirs", "none");
        all.putAll(settings);
        all.remove("broker.id");
        all.put("node.id", Integer.toString(server.number()));
        StandInBroker broker = StandIn.create(StandInBroker.class);
        broker.server = server;
        broker.config = KafkaConfig.fromProps(properties(all));
        broker.sockets = Sockets.of(server);
        broker.topics = StandInTopics.of(server);
        broker.shared = StandIn.create(SharedServer.class);
        broker.metrics = new Metrics();
        return broker;
    }

    private static Properties properties(Map<String, String> settings) {
        var properties = new Properties();
        properties.putAll(settings);
        return properties;
    }

    @Override
    public KafkaConfig config() {
        return config;
    }

    @Override
    public SocketServer socketServer() {
        return sockets;
    }

    @Override
    public KRaftMetadataCache metadataCache() {
        return topics;
    }

    @Override
    public GroupCoordinator groupCoordinator() {
        return StandIn.implement(
                GroupCoordinator.class,
                "groupMetadataTopicConfigs",
                (self, method, arguments) -> new Properties());
    }

    @Override
    public SharedServer sharedServer() {
        return shared;
    }

    @Override
    public Metrics metrics() {
        return metrics;
    }

    @Override
    public String clusterId() {
        return server.clusterId();
    }

    @Override
    public int boundPort(ListenerName listener) {
        return server.port();
    }

    @Override
    public BrokerState brokerState() {
        return BrokerState.RUNNING;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public void startup() {}

    @Override
    public void shutdown() {}

    @Override
    public void shutdown(Duration timeout) {}

    @Override
    public void awaitShutdown() {}

    /** The port of the server, in place of the sockets of a broker. */
    private static final class Sockets extends SocketServer {
        private RunningServer server;

        private Sockets() {
            super(null, null, null, null, null, null, null);
        }

        static Sockets of(RunningServer server) {
            Sockets sockets = StandIn.create(Sockets.class);
            sockets.server = server;
            return sockets;
        }

        @Override
        public int boundPort(ListenerName listener) {
            return server.port();
        }
    }
}
