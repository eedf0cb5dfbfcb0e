package io.millrace.kafka.group;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.group.Coordinators;
import io.millrace.group.GroupMetrics;
import io.millrace.group.LocalNode;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.group.coordinator.GroupCoordinator;
import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A client of a node with all handlers of groups, and of a second node that has the same log and
 * the same coordinator. Virtual time, one thread.
 */
final class GroupClient {

    static final int NODE = 3;

    static final GroupTimes TIMES =
            new GroupTimes(Duration.ofSeconds(3), Duration.ofSeconds(20), Duration.ofSeconds(2));

    final SimulatedEventLoop loop = new SimulatedEventLoop();
    final MetadataFixture fixture = new MetadataFixture(loop);
    final TopicIds ids = new TopicIds(new ClusterId("0123456789abcdef0123456789abcdef"));
    private final List<EmbeddedClient> connections;
    private EmbeddedClient client;

    /** A client of the internal listener. */
    GroupClient() {
        this(KafkaListener.INTERNAL);
    }

    /** A client of a listener; the node has an internal one only. */
    GroupClient(KafkaListener of) {
        GroupMetrics metrics = new GroupMetrics(new SimpleMeterRegistry());
        GroupCommits commits = new GroupCommits(fixture.metadata(), metrics);
        GroupCoordinator coordinator =
                new GroupCoordinator(
                        fixture.metadata(),
                        new LocalNode(this::nodes, () -> "n", () -> true, Duration.ofSeconds(5)),
                        key -> "",
                        commits,
                        new Random(1),
                        metrics);
        coordinator.open();
        KafkaNodes nodes =
                new KafkaNodes() {
                    @Override
                    public List<KafkaNode> live(KafkaListener listener) {
                        return listener == KafkaListener.INTERNAL
                                ? List.of(new KafkaNode(NODE, "n", "kafka.host", 9092, ""))
                                : List.of();
                    }

                    @Override
                    public int self() {
                        return NODE;
                    }
                };
        AtomicLong lastId = new AtomicLong();
        GroupBackend backend =
                new GroupBackend(
                        fixture.metadata(),
                        coordinator.classicGroups(),
                        coordinator,
                        commits,
                        new Coordinators(fixture.metadata(), this::nodes),
                        nodes,
                        () -> "n",
                        ids);
        connections =
                Stream.generate(() ->
                                GroupApis.handlers(
                                        backend,
                                        TIMES,
                                        () -> "generated-" + lastId.incrementAndGet()))
                        .limit(2)
                        .map(handlers -> EmbeddedClient.at(of, handlers.toArray(ApiHandler[]::new)))
                        .toList();
        client = connections.getFirst();
        loop.advance(Duration.ofSeconds(1));
    }

    /** Sends further requests to another of the two nodes. */
    void useNode(int index) {
        client = connections.get(index);
    }

    private List<RegisteredNode> nodes() {
        return List.of(
                new RegisteredNode(
                        "n",
                        fixture.metadata().incarnation(),
                        EnumSet.allOf(Role.class),
                        "",
                        "host",
                        7000,
                        1,
                        0,
                        "",
                        Map.of(KafkaListener.INTERNAL, new NodeAddress("kafka.host", 9092)),
                        1));
    }

    /** Sends a request and waits up to 20 seconds for the answer. */
    <A extends ApiMessage> A call(ApiKeys api, int version, ApiMessage request, Class<A> type) {
        client.send(api, version, request);
        for (int i = 0; i < 200; i++) {
            Optional<EmbeddedClient.Answer> answer = client.receive(api, version);
            if (answer.isPresent()) {
                return type.cast(answer.get().message());
            }
            loop.advance(Duration.ofMillis(100));
        }
        throw new AssertionError("no answer to " + api.name);
    }

    <A extends ApiMessage> A call(ApiKeys api, ApiMessage request, Class<A> type) {
        return call(api, api.latestVersion(false), request, type);
    }
}
