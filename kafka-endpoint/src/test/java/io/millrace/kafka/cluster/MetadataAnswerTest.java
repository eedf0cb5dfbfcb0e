package io.millrace.kafka.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.kafka.connection.RequestAudit;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.security.authorization.AclAuthorizer;
import io.millrace.security.authorization.Authorizer;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

class MetadataAnswerTest {

    private static final TopicIds IDS =
            new TopicIds(new ClusterId("00112233445566778899aabbccddeeff"));

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);

    private EmbeddedClient client(KafkaNodes nodes, Authorizer authorizer) {
        return EmbeddedClient.of(
                authorizer,
                RequestAudit.NONE,
                new MetadataHandler(fixture.metadata(), nodes, IDS, TopicCreation.OFF));
    }

    private static MetadataRequestData forAll(short version) {
        return version == 0 ? new MetadataRequestData() : new MetadataRequestData().setTopics(null);
    }

    @Test
    void hasTheBytesOfTheGeneratedClassInEveryVersion() {
        Random random = new Random(42);
        List<Topic> topics = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            // Sorted by name, as the answer is.
            String name = "topic-%02d".formatted(i) + "x".repeat(random.nextInt(200));
            topics.add(fixture.createTopic(name, 1 + random.nextInt(i % 8 == 0 ? 300 : 5)));
        }
        for (KafkaNodes nodes :
                List.of(FixedNodes.THREE, new FixedNodes(List.of(), List.of(), 2))) {
            try (EmbeddedClient client = client(nodes, Authorizer.OPEN)) {
                for (short version : ApiKeys.METADATA.allVersions()) {
                    int id = client.send(ApiKeys.METADATA, version, forAll(version));
                    assertThat(client.receiveFrame().orElseThrow())
                            .describedAs("version %d", version)
                            .isEqualTo(encode(id, expected(nodes, topics), version));
                }
            }
        }
    }

    private MetadataResponseData expected(KafkaNodes nodes, List<Topic> topics) {
        MetadataResponseData expected =
                new MetadataResponseData()
                        .setClusterId(IDS.clusterId())
                        .setControllerId(nodes.self());
        for (KafkaNode node : nodes.live(KafkaListener.INTERNAL)) {
            expected.brokers()
                    .add(
                            new MetadataResponseData.MetadataResponseBroker()
                                    .setNodeId(node.number())
                                    .setHost(node.host())
                                    .setPort(node.port())
                                    .setRack(node.zone()));
        }
        LeaderPlacement placement =
                new LeaderPlacement(nodes.live(KafkaListener.INTERNAL), Optional.empty());
        for (Topic topic : topics) {
            MetadataResponseTopic described =
                    new MetadataResponseTopic().setName(topic.name()).setTopicId(IDS.of(topic));
            for (int partition = 0; partition < topic.partitionCount(); partition++) {
                LeaderPlacement.Place place = placement.of(topic.name(), partition);
                Errors error =
                        nodes.live(KafkaListener.INTERNAL).isEmpty()
                                ? Errors.LEADER_NOT_AVAILABLE
                                : Errors.NONE;
                described
                        .partitions()
                        .add(
                                new MetadataResponsePartition()
                                        .setErrorCode(error.code())
                                        .setPartitionIndex(partition)
                                        .setLeaderId(place.leader())
                                        .setLeaderEpoch(1)
                                        .setReplicaNodes(place.replicas())
                                        .setIsrNodes(place.replicas()));
            }
            expected.topics().add(described);
        }
        return expected;
    }

    private static byte[] encode(int correlationId, MetadataResponseData answer, short version) {
        ByteBuffer header =
                MessageUtil.toByteBufferAccessor(
                                new ResponseHeaderData().setCorrelationId(correlationId),
                                ApiKeys.METADATA.responseHeaderVersion(version))
                        .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(answer, version).buffer();
        return ByteBuffer.allocate(header.remaining() + body.remaining())
                .put(header)
                .put(body)
                .array();
    }

    @Test
    void errorsAreEncodedAsTheGeneratedClassDoes() {
        Topic topic = fixture.createTopic("known", 2);
        MetadataRequestData request = new MetadataRequestData();
        for (String name : List.of("known", "unknown", "il legal", "known")) {
            request.topics().add(new MetadataRequestTopic().setName(name));
        }
        try (EmbeddedClient client = client(FixedNodes.THREE, Authorizer.OPEN)) {
            for (short version : ApiKeys.METADATA.allVersions()) {
                MetadataRequestData byVersion = request.duplicate();
                if (version >= 12) {
                    byVersion.topics().add(byId(IDS.of(topic)));
                    byVersion.topics().add(byId(new Uuid(1, 2)));
                }
                client.send(ApiKeys.METADATA, version, byVersion);
                loop.advance(Duration.ofMillis(100));
                byte[] frame = client.receiveFrame().orElseThrow();
                ByteBufferAccessor in = new ByteBufferAccessor(ByteBuffer.wrap(frame));
                ResponseHeaderData header =
                        new ResponseHeaderData(in, ApiKeys.METADATA.responseHeaderVersion(version));
                MetadataResponseData answer = new MetadataResponseData(in, version);
                assertThat(encode(header.correlationId(), answer, version)).isEqualTo(frame);
                assertThat(answer.topics())
                        .extracting(MetadataResponseTopic::errorCode)
                        .containsExactlyInAnyOrderElementsOf(
                                version >= 12
                                        ? List.of((short) 0, (short) 3, (short) 17, (short) 100)
                                        : List.of((short) 0, (short) 3, (short) 17));
            }
        }
    }

    private static MetadataRequestTopic byId(Uuid id) {
        return new MetadataRequestTopic().setName(null).setTopicId(id);
    }

    @Test
    void leavesOutTopicsThatTheClientMayNotDescribe() {
        // More hidden topics in a row than two slices have.
        for (int i = 0; i < 3 * MetadataEncoding.SLICE; i++) {
            fixture.createTopic("hidden-" + i, 1);
        }
        for (int i = 0; i < 1_500; i++) {
            fixture.createTopic((i % 2 == 0 ? "shown-" : "small-") + i, 1);
        }
        fixture.propose(
                new Command.AclsChanged(
                        List.of(
                                Acl.allow(
                                        "User:ANONYMOUS",
                                        Operation.DESCRIBE,
                                        ResourcePattern.prefixed(ResourceType.TOPIC, "shown-"))),
                        List.of()));
        AclAuthorizer authorizer =
                new AclAuthorizer(() -> fixture.metadata().acls().index(), Set.of());
        try (EmbeddedClient client = client(FixedNodes.THREE, authorizer)) {
            client.send(ApiKeys.METADATA, 12, forAll((short) 12));
            MetadataResponseData answer =
                    (MetadataResponseData)
                            client.receive(ApiKeys.METADATA, 12).orElseThrow().message();
            assertThat(answer.topics())
                    .hasSize(750)
                    .allMatch(topic -> topic.name().startsWith("shown-"));
        }
    }

    @Test
    void noTaskOfTheEventLoopDescribesMoreThanASlice() {
        fixture.createTopic("large", 50_000);
        for (int i = 0; i < 500; i++) {
            fixture.createTopic("small-" + i, 3);
        }
        try (EmbeddedClient client = client(FixedNodes.THREE, Authorizer.OPEN)) {
            List<ByteBuf> parts = new ArrayList<>();
            List<Integer> bytesByTask = new ArrayList<>();
            Runnable observer =
                    new Runnable() {
                        @Override
                        public void run() {
                            int bytes = 0;
                            for (ByteBuf part = client.channel().readOutbound();
                                    part != null;
                                    part = client.channel().readOutbound()) {
                                bytes += part.readableBytes();
                                parts.add(part);
                            }
                            bytesByTask.add(bytes);
                            if (bytesByTask.size() < 200) {
                                client.channel().eventLoop().execute(this);
                            }
                        }
                    };
            client.channel().eventLoop().execute(observer);
            int id = client.send(ApiKeys.METADATA, 12, forAll((short) 12));
            parts.forEach(client::addReceived);
            byte[] frame = client.receiveFrame().orElseThrow();
            assertThat(frame)
                    .isEqualTo(
                            encode(
                                    id,
                                    expected(
                                            FixedNodes.THREE,
                                            List.copyOf(fixture.metadata().topics().all())),
                                    (short) 12));
            int bytesOfAPartition = frame.length / (50_000 + 500 * 4);
            assertThat(bytesByTask)
                    .allMatch(bytes -> bytes / bytesOfAPartition <= MetadataEncoding.SLICE + 100);
            assertThat(bytesByTask).filteredOn(bytes -> bytes > 0).hasSizeGreaterThan(50);
        }
    }
}
