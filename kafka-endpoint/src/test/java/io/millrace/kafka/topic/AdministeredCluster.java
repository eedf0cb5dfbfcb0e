package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.FixedNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.kafka.group.GroupTimes;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.authorization.AclAuthorizer;
import io.millrace.security.authorization.Authorizer;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** A node whose topics are administered by a Kafka client. */
final class AdministeredCluster implements AutoCloseable {

    static final TopicIds IDS = new TopicIds(new ClusterId("00112233445566778899aabbccddeeff"));
    static final NodeConfig NODE = new NodeConfig("a", true, 2, GroupTimes.DEFAULT);

    final SimulatedEventLoop loop = new SimulatedEventLoop();
    final MetadataFixture fixture = new MetadataFixture(loop);
    private final EmbeddedClient client;
    private long blocks;

    /** A cluster whose client may do everything. */
    AdministeredCluster() {
        this(false);
    }

    private AdministeredCluster(boolean secured) {
        Authorizer authorizer =
                secured
                        ? new AclAuthorizer(() -> fixture.metadata().acls().index(), Set.of())
                        : Authorizer.OPEN;
        client =
                EmbeddedClient.of(
                        authorizer,
                        TopicApis.of(fixture.metadata(), FixedNodes.THREE, IDS, NODE, "s3://bucket")
                                .toArray(ApiHandler<?, ?>[]::new));
    }

    /** A cluster whose client may do only what {@link #allow} allows. */
    static AdministeredCluster secured() {
        return new AdministeredCluster(true);
    }

    void allow(Operation operation, ResourceType type, String name) {
        fixture.propose(
                new Command.AclsChanged(
                        List.of(
                                Acl.allow(
                                        "User:ANONYMOUS",
                                        operation,
                                        ResourcePattern.literal(type, name))),
                        List.of()));
    }

    <A extends ApiMessage> A call(ApiKeys api, int version, ApiMessage request, Class<A> type) {
        client.send(api, version, request);
        for (int ms = 0; ms < 30; ms++) {
            loop.advance(Duration.ofMillis(1));
        }
        return type.cast(client.receive(api, version).orElseThrow().message());
    }

    /** Sends a request of the newest version. */
    <A extends ApiMessage> A call(ApiKeys api, ApiMessage request, Class<A> type) {
        return call(api, api.latestVersion(false), request, type);
    }

    void append(Topic topic, int partition, int records) {
        fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, blocks++), 1_000, 1_100),
                        5,
                        List.of(
                                new BatchItem(
                                        topic.id(),
                                        partition,
                                        records,
                                        16,
                                        100,
                                        4,
                                        ProducerStamp.NONE))));
    }

    Topic topic(String name) {
        return fixture.metadata().topics().named(name).orElseThrow();
    }

    boolean exists(String name) {
        return fixture.metadata().topics().named(name).isPresent();
    }

    @Override
    public void close() {
        client.close();
    }
}
