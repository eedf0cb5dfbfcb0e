package io.millrace.kafka.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClusterHandlersTest {

    private static final TopicIds IDS =
            new TopicIds(new ClusterId("00112233445566778899aabbccddeeff"));

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final TopicAdmin admin = new TopicAdmin(fixture.metadata());

    private EmbeddedClient client(TopicCreation creation) {
        return client(KafkaListener.INTERNAL, creation);
    }

    private EmbeddedClient client(KafkaListener listener, TopicCreation creation) {
        MetadataHandler metadata =
                new MetadataHandler(fixture.metadata(), FixedNodes.THREE, IDS, creation);
        DescribeClusterHandler cluster = new DescribeClusterHandler(FixedNodes.THREE, IDS);
        return EmbeddedClient.at(
                listener,
                metadata,
                cluster,
                new ApiVersionsHandler(List.of(metadata, cluster), FixedNodes.THREE, IDS));
    }

    private MetadataResponseData metadata(
            EmbeddedClient client, int version, MetadataRequestData request) {
        client.send(ApiKeys.METADATA, version, request);
        for (int ms = 0; ms < 20; ms++) {
            loop.advance(Duration.ofMillis(1));
        }
        return (MetadataResponseData)
                client.receive(ApiKeys.METADATA, version).orElseThrow().message();
    }

    private static MetadataRequestData named(String... names) {
        MetadataRequestData request = new MetadataRequestData();
        for (String name : names) {
            request.topics().add(new MetadataRequestTopic().setName(name));
        }
        return request;
    }

    @Test
    void describesNodesAndTopicsInEveryVersion() {
        fixture.createTopic("t", 3);
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            for (short version : ApiKeys.METADATA.allVersions()) {
                MetadataResponseData answer = metadata(client, version, named("t"));
                assertThat(answer.brokers()).hasSize(3);
                assertThat(answer.brokers().find(3).host()).isEqualTo("h3");
                MetadataResponseTopic topic = answer.topics().find("t");
                assertThat(topic.errorCode()).isEqualTo(Errors.NONE.code());
                assertThat(topic.partitions()).hasSize(3);
                assertThat(topic.partitions().getFirst().leaderId()).isBetween(1, 3);
                assertThat(topic.partitions().getFirst().replicaNodes()).hasSize(2);
                if (version >= 1) {
                    assertThat(answer.controllerId()).isEqualTo(2);
                    assertThat(answer.brokers().find(3).rack()).isEqualTo("b");
                }
                if (version >= 2) {
                    assertThat(answer.clusterId()).isEqualTo(IDS.clusterId());
                }
                if (version >= 7) {
                    assertThat(topic.partitions().getFirst().leaderEpoch()).isEqualTo(1);
                }
                if (version >= 10) {
                    assertThat(IDS.find(fixture.metadata().topics(), topic.topicId()))
                            .map(Topic::name)
                            .contains("t");
                }
            }
        }
    }

    @Test
    void anExternalClientIsLedToNodesWithAnExternalListenerOnly() {
        fixture.createTopic("t", 20);
        try (EmbeddedClient client = client(KafkaListener.EXTERNAL, TopicCreation.OFF)) {
            MetadataResponseData answer = metadata(client, 12, named("t"));
            assertThat(answer.brokers())
                    .extracting(broker -> broker.host() + ":" + broker.port())
                    .containsExactlyInAnyOrder("public-1:9101", "public-2:9102");
            assertThat(answer.topics().find("t").partitions())
                    .allSatisfy(partition -> {
                        assertThat(partition.leaderId()).isBetween(1, 2);
                        assertThat(partition.replicaNodes()).doesNotContain(3);
                    });
            assertThat(
                            client.call(
                                            ApiKeys.DESCRIBE_CLUSTER,
                                            1,
                                            new DescribeClusterRequestData(),
                                            DescribeClusterResponseData.class)
                                    .brokers())
                    .extracting(broker -> broker.host() + ":" + broker.port())
                    .containsExactlyInAnyOrder("public-1:9101", "public-2:9102");
        }
    }

    @Test
    void anEmptyListMeansAllTopicsInVersionZeroOnly() {
        fixture.createTopic("t", 1);
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            assertThat(metadata(client, 0, named()).topics()).hasSize(1);
            assertThat(metadata(client, 1, named()).topics()).isEmpty();
            assertThat(metadata(client, 1, new MetadataRequestData().setTopics(null)).topics())
                    .hasSize(1);
        }
    }

    @Test
    void findsTopicsById() {
        Topic topic = fixture.createTopic("t", 1);
        MetadataRequestData request = new MetadataRequestData();
        Uuid foreign = new Uuid(7, topic.id());
        request.topics().add(new MetadataRequestTopic().setName(null).setTopicId(IDS.of(topic)));
        request.topics().add(new MetadataRequestTopic().setName(null).setTopicId(foreign));
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            MetadataResponseData answer = metadata(client, 12, request);
            assertThat(answer.topics().find("t").errorCode()).isZero();
            assertThat(answer.topics())
                    .filteredOn(each -> each.topicId().equals(foreign))
                    .singleElement()
                    .returns(Errors.UNKNOWN_TOPIC_ID.code(), MetadataResponseTopic::errorCode);
        }
    }

    @Test
    void createsAMissingTopicIfAllowed() {
        TopicCreation creation = name -> Optional.of(admin.create(name, 1, Map.of()));
        try (EmbeddedClient client = client(creation)) {
            MetadataRequestData request = named("new", "in valid");
            assertThat(metadata(client, 9, request.setAllowAutoTopicCreation(false)).topics())
                    .extracting(MetadataResponseTopic::errorCode)
                    .containsExactlyInAnyOrder(
                            Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                            Errors.INVALID_TOPIC_EXCEPTION.code());
            MetadataResponseData answer =
                    metadata(client, 9, request.setAllowAutoTopicCreation(true));
            assertThat(answer.topics().find("new").errorCode()).isZero();
            assertThat(answer.topics().find("new").partitions()).hasSize(1);
            assertThat(fixture.metadata().topics().named("new")).isPresent();
        }
    }

    @Test
    void doesNotCreateTopicsIfTheConfigurationForbidsIt() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            assertThat(metadata(client, 9, named("new")).topics().find("new").errorCode())
                    .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        }
    }

    @Test
    void describesTheClusterInEveryVersion() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            for (short version : ApiKeys.DESCRIBE_CLUSTER.allVersions()) {
                DescribeClusterResponseData answer =
                        client.call(
                                ApiKeys.DESCRIBE_CLUSTER,
                                version,
                                new DescribeClusterRequestData()
                                        .setIncludeClusterAuthorizedOperations(true),
                                DescribeClusterResponseData.class);
                assertThat(answer.brokers()).hasSize(3);
                assertThat(answer.clusterId()).isEqualTo(IDS.clusterId());
                assertThat(answer.clusterAuthorizedOperations()).isPositive();
            }
        }
    }

    @Test
    void describesNoControllers() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            assertThat(
                            client.call(
                                            ApiKeys.DESCRIBE_CLUSTER,
                                            1,
                                            new DescribeClusterRequestData()
                                                    .setEndpointType((byte) 2),
                                            DescribeClusterResponseData.class)
                                    .errorCode())
                    .isEqualTo(Errors.MISMATCHED_ENDPOINT_TYPE.code());
        }
    }

    @Test
    void namesTheOfferedVersions() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            for (short version : ApiKeys.API_VERSIONS.allVersions()) {
                ApiVersionsResponseData answer =
                        client.call(
                                ApiKeys.API_VERSIONS,
                                version,
                                new ApiVersionsRequestData()
                                        .setClientSoftwareName("test-1.2")
                                        .setClientSoftwareVersion("3"),
                                ApiVersionsResponseData.class);
                assertThat(answer.errorCode()).isZero();
                assertThat(answer.apiKeys())
                        .extracting(ApiVersionsResponseData.ApiVersion::apiKey)
                        .containsExactlyInAnyOrder(
                                ApiKeys.METADATA.id,
                                ApiKeys.API_VERSIONS.id,
                                ApiKeys.DESCRIBE_CLUSTER.id);
                assertThat(answer.apiKeys().find(ApiKeys.METADATA.id).maxVersion())
                        .isEqualTo(ApiKeys.METADATA.latestVersion());
            }
        }
    }

    @Test
    void refusesAnIllegalNameOfTheClientSoftware() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            assertThat(
                            client.call(
                                            ApiKeys.API_VERSIONS,
                                            3,
                                            new ApiVersionsRequestData()
                                                    .setClientSoftwareName("a b")
                                                    .setClientSoftwareVersion("1"),
                                            ApiVersionsResponseData.class)
                                    .errorCode())
                    .isEqualTo(Errors.INVALID_REQUEST.code());
        }
    }

    private static Errors expecting(EmbeddedClient client, @Nullable String cluster, int node) {
        ApiVersionsResponseData answer =
                client.call(
                        ApiKeys.API_VERSIONS,
                        5,
                        new ApiVersionsRequestData()
                                .setClientSoftwareName("test")
                                .setClientSoftwareVersion("1")
                                .setClusterId(cluster)
                                .setNodeId(node),
                        ApiVersionsResponseData.class);
        return Errors.forCode(answer.errorCode());
    }

    @Test
    void aClientThatExpectsAnotherNodeMustFindTheNodesAgain() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            assertThat(expecting(client, IDS.clusterId(), 2)).isEqualTo(Errors.NONE);
            assertThat(expecting(client, IDS.clusterId(), 1))
                    .isEqualTo(Errors.REBOOTSTRAP_REQUIRED);
            assertThat(expecting(client, "another", 2)).isEqualTo(Errors.REBOOTSTRAP_REQUIRED);
        }
    }

    @Test
    void aClientNamesBothTheClusterAndTheNodeOrNeither() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            assertThat(expecting(client, null, 2)).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(expecting(client, IDS.clusterId(), -1)).isEqualTo(Errors.INVALID_REQUEST);
        }
    }

    @Test
    void aRequestThatIsRefusedAsAWholeIsAnsweredWithoutNodes() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            MetadataRequestData request = named("t");
            request.topics().getFirst().setTopicId(new Uuid(1, 2));

            MetadataResponseData answer = metadata(client, 11, request);

            assertThat(answer.brokers()).isEmpty();
            assertThat(answer.topics())
                    .extracting(topic -> Errors.forCode(topic.errorCode()))
                    .containsExactly(Errors.INVALID_REQUEST);
        }
    }

    @Test
    void aMissingTopicHasOperations() {
        try (EmbeddedClient client = client(TopicCreation.OFF)) {
            MetadataRequestData request =
                    named("missing")
                            .setAllowAutoTopicCreation(false)
                            .setIncludeTopicAuthorizedOperations(true);

            assertThat(metadata(client, 13, request).topics().iterator().next())
                    .returns(
                            Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                            MetadataResponseTopic::errorCode)
                    .satisfies(topic -> assertThat(topic.topicAuthorizedOperations()).isPositive());
        }
    }
}
