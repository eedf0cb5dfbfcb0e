package kafka.server;

import io.millrace.it.requests.RunningServer;
import io.millrace.it.requests.StandInBroker;
import io.millrace.it.requests.StandInController;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.MockFaultHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.provider.Arguments;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Base class of Kafka's request tests, in place of Kafka's class with this name, which starts
 * brokers in the JVM of the test. This class starts a server of Millrace for each test. The
 * signatures are those that Kafka's subclasses call.
 */
public abstract class QuorumTestHarness implements kafka.utils.Logging {
    private String logIdent = "";
    private Optional<RunningServer> server = Optional.empty();
    private Optional<StandInBroker> broker = Optional.empty();
    private String displayName = "";

    @Override
    public String logIdent() {
        return logIdent;
    }

    @Override
    public void logIdent_$eq(String ident) {
        logIdent = ident;
    }

    public SecurityProtocol controllerListenerSecurityProtocol() {
        return SecurityProtocol.PLAINTEXT;
    }

    public scala.collection.Seq<Properties> kraftControllerConfigs(TestInfo testInfo) {
        return seq(List.of(new Properties()));
    }

    public MetadataVersion metadataVersion() {
        return MetadataVersion.latestTesting();
    }

    public Option<GroupProtocol> maybeGroupProtocolSpecified() {
        if (displayName.contains("groupProtocol=classic"))
            return Option.apply(GroupProtocol.CLASSIC);
        if (displayName.contains("groupProtocol=consumer"))
            return Option.apply(GroupProtocol.CONSUMER);
        return Option.empty();
    }

    public GroupProtocol groupProtocolFromTestParameters() {
        return maybeGroupProtocolSpecified().get();
    }

    public ControllerServer controllerServer() {
        return StandInController.of(server.orElseThrow());
    }

    public scala.collection.Seq<ControllerServer> controllerServers() {
        return seq(List.of(controllerServer()));
    }

    public QuorumTestHarnessFaultHandlerFactory faultHandlerFactory() {
        return new QuorumTestHarnessFaultHandlerFactory(faultHandler());
    }

    public MockFaultHandler faultHandler() {
        return new MockFaultHandler("requests");
    }

    @BeforeEach
    public void setUp(TestInfo testInfo) {
        displayName = testInfo.getDisplayName();
    }

    /**
     * Starts the server with the settings of the first broker; a test with several brokers gets the
     * same one.
     */
    public KafkaBroker createBroker(
            KafkaConfig config, Time time, boolean startup, Option<String> threadNamePrefix) {
        if (server.isEmpty()) {
            RunningServer started = RunningServer.start(config.originalsStrings());
            server = Optional.of(started);
            broker = Optional.of(StandInBroker.of(started, config.originalsStrings()));
        }
        return broker.orElseThrow();
    }

    public Time createBroker$default$2() {
        return Time.SYSTEM;
    }

    public boolean createBroker$default$3() {
        return true;
    }

    public Option<String> createBroker$default$4() {
        return Option.empty();
    }

    public void shutdownKRaftController() {}

    public void addFormatterSettings(Formatter formatter) {}

    public scala.collection.Seq<SecurityProtocol> extraControllerSecurityProtocols() {
        return seq(List.of());
    }

    @AfterEach
    public void tearDown() {
        server.ifPresent(RunningServer::close);
    }

    public static Stream<Arguments> getTestGroupProtocolParametersAll() {
        return Stream.of(Arguments.of("classic"), Arguments.of("consumer"));
    }

    public static Stream<Arguments> getTestGroupProtocolParametersClassicGroupProtocolOnly() {
        return Stream.of(Arguments.of("classic"));
    }

    public static Stream<Arguments> getTestGroupProtocolParametersConsumerGroupProtocolOnly() {
        return Stream.of(Arguments.of("consumer"));
    }

    private static <T> Seq<T> seq(List<T> list) {
        return CollectionConverters.asScala(new ArrayList<>(list)).toSeq();
    }
}
