package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicCreationHandlerTest {

    private AdministeredCluster cluster = new AdministeredCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static CreatableTopic topic(String name, int partitions, int replicas) {
        return new CreatableTopic()
                .setName(name)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) replicas);
    }

    private static CreatableTopic with(CreatableTopic topic, String key, @Nullable String value) {
        topic.configs().add(new CreatableTopicConfig().setName(key).setValue(value));
        return topic;
    }

    private CreateTopicsResponseData create(boolean validateOnly, CreatableTopic... topics) {
        CreateTopicsRequestData request =
                new CreateTopicsRequestData().setValidateOnly(validateOnly);
        List.of(topics).forEach(request.topics()::add);
        return cluster.call(ApiKeys.CREATE_TOPICS, request, CreateTopicsResponseData.class);
    }

    private Errors error(CreatableTopic topic) {
        return Errors.forCode(create(false, topic).topics().iterator().next().errorCode());
    }

    @Test
    void createsATopicInEveryVersion() {
        for (short version : ApiKeys.CREATE_TOPICS.allVersions()) {
            CreateTopicsRequestData request = new CreateTopicsRequestData();
            request.topics().add(with(topic("t" + version, 3, 3), "retention.ms", "5"));
            CreatableTopicResult result =
                    cluster.call(
                                    ApiKeys.CREATE_TOPICS,
                                    version,
                                    request,
                                    CreateTopicsResponseData.class)
                            .topics()
                            .find("t" + version);
            assertThat(result.errorCode()).isZero();
            assertThat(cluster.topic("t" + version).partitionCount()).isEqualTo(3);
            assertThat(cluster.topic("t" + version).settings().given())
                    .isEqualTo(Map.of("retention.ms", "5"));
            if (version >= 5) {
                assertThat(result.numPartitions()).isEqualTo(3);
                assertThat(result.replicationFactor()).isEqualTo((short) 1);
                assertThat(result.configs())
                        .filteredOn(config -> config.name().equals("retention.ms"))
                        .singleElement()
                        .returns("5", CreatableTopicConfigs::value)
                        .returns((byte) 1, CreatableTopicConfigs::configSource);
            }
            if (version >= 7) {
                assertThat(result.topicId())
                        .isEqualTo(AdministeredCluster.IDS.of(cluster.topic("t" + version)));
            }
        }
    }

    @Test
    void aTopicWithoutANumberHasTheDefaultNumberOfPartitions() {
        create(false, topic("t", -1, -1));

        assertThat(cluster.topic("t").partitionCount()).isEqualTo(2);
    }

    @Test
    void settingsThatKafkaStreamsSendsAreKept() {
        create(
                false,
                with(
                        with(topic("t", 1, 1), "segment.bytes", "52428800"),
                        "cleanup.policy",
                        " compact, delete "));

        assertThat(cluster.topic("t").settings().given())
                .isEqualTo(Map.of("segment.bytes", "52428800", "cleanup.policy", "compact,delete"));
    }

    @Test
    void theNameIsCheckedBeforeTheSettingsAndThoseBeforeThePartitions() {
        create(false, topic("old", 1, 1));

        assertThat(error(with(topic("old", 0, 0), "retention.ms", "never")))
                .isEqualTo(Errors.TOPIC_ALREADY_EXISTS);
        assertThat(error(with(topic("in valid", 0, 0), "retention.ms", null)))
                .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(error(with(topic("new", 0, 0), "no.such.key", "1")))
                .isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void eachTopicHasItsOwnResult() {
        create(false, topic("old", 1, 1));

        CreateTopicsResponseData answer =
                create(false, topic("old", 1, 1), topic("in valid", 1, 1), topic("new", 1, 1));

        assertThat(answer.topics())
                .extracting(result -> Errors.forCode(result.errorCode()))
                .containsExactly(
                        Errors.TOPIC_ALREADY_EXISTS, Errors.INVALID_TOPIC_EXCEPTION, Errors.NONE);
        assertThat(answer.topics().find("old").errorMessage()).contains("old");
    }

    @Test
    void aTopicThatIsNamedTwiceIsNotCreated() {
        CreateTopicsResponseData answer =
                create(false, topic("t", 1, 1), topic("u", 1, 1), topic("t", 2, 1));

        assertThat(answer.topics()).hasSize(2);
        assertThat(answer.topics().find("t").errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        assertThat(cluster.exists("t")).isFalse();
        assertThat(cluster.exists("u")).isTrue();
    }

    @Test
    void numbersAreCheckedAsInKafka() {
        assertThat(error(topic("t", 0, 1))).isEqualTo(Errors.INVALID_PARTITIONS);
        assertThat(error(topic("t", -2, 1))).isEqualTo(Errors.INVALID_PARTITIONS);
        assertThat(error(topic("t", 2_000_000_000, 1))).isEqualTo(Errors.INVALID_PARTITIONS);
        assertThat(error(topic("t", 1, 0))).isEqualTo(Errors.INVALID_REPLICATION_FACTOR);
        assertThat(error(topic("t", 1, 32_000))).isEqualTo(Errors.NONE);
    }

    @Test
    void settingsAreChecked() {
        assertThat(error(with(topic("t", 1, 1), "no.such.key", "1")))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(error(with(topic("t", 1, 1), "retention.ms", "never")))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(error(with(topic("t", 1, 1), "retention.ms", null)))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(cluster.exists("t")).isFalse();
    }

    private static CreatableTopic assigned(int partition, Integer... nodes) {
        CreatableTopic topic = topic("t", -1, -1);
        topic.assignments()
                .add(
                        new CreatableReplicaAssignment()
                                .setPartitionIndex(partition)
                                .setBrokerIds(List.of(nodes)));
        return topic;
    }

    @Test
    void assignmentsDecideTheNumberOfPartitions() {
        assertThat(error(assigned(1, 1))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(error(assigned(0, 1, 1))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(error(assigned(0))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(error(assigned(0, -1))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(error(assigned(0, 1).setNumPartitions(1))).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(error(assigned(0, 1, 2))).isEqualTo(Errors.NONE);
        assertThat(cluster.topic("t").partitionCount()).isEqualTo(1);
    }

    @Test
    void aValidationCreatesNothing() {
        CreatableTopicResult valid = create(true, topic("t", 3, 1)).topics().find("t");

        assertThat(valid.errorCode()).isZero();
        assertThat(valid.numPartitions()).isEqualTo(3);
        assertThat(valid.topicId()).isEqualTo(Uuid.ZERO_UUID);
        assertThat(cluster.exists("t")).isFalse();
        create(false, topic("t", 3, 1));
        assertThat(create(true, topic("t", 3, 1)).topics().find("t").errorCode())
                .isEqualTo(Errors.TOPIC_ALREADY_EXISTS.code());
        assertThat(
                        create(true, with(topic("u", 3, 1), "retention.ms", "x"))
                                .topics()
                                .find("u")
                                .errorCode())
                .isEqualTo(Errors.INVALID_CONFIG.code());
    }

    @Test
    void rightsOnTheTopicOrTheClusterAreNeeded() {
        cluster.close();
        cluster = AdministeredCluster.secured();
        assertThat(error(topic("t", 1, 1))).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);

        cluster.allow(Operation.CREATE, ResourceType.TOPIC, "t");
        CreatableTopicResult created = create(false, topic("t", 1, 1)).topics().find("t");
        assertThat(created.errorCode()).isZero();
        assertThat(created.topicConfigErrorCode())
                .isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        assertThat(created.configs()).isNull();

        cluster.allow(Operation.CREATE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
        assertThat(error(topic("u", 1, 1))).isEqualTo(Errors.NONE);
    }
}
