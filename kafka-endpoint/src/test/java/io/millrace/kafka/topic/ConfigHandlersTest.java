package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfigHandlersTest {

    private static final byte TOPIC = 2;
    private static final byte NODE = 4;
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private AdministeredCluster cluster = new AdministeredCluster();

    @BeforeEach
    void create() {
        cluster.fixture.createTopic("t", 1, Map.of("retention.ms", "5"));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private DescribeConfigsResult describe(int version, DescribeConfigsResource resource) {
        return cluster.call(
                        ApiKeys.DESCRIBE_CONFIGS,
                        version,
                        new DescribeConfigsRequestData()
                                .setResources(List.of(resource))
                                .setIncludeSynonyms(version >= 1)
                                .setIncludeDocumentation(version >= 3),
                        DescribeConfigsResponseData.class)
                .results()
                .getFirst();
    }

    private static DescribeConfigsResource resource(int type, String name) {
        return new DescribeConfigsResource()
                .setResourceType((byte) type)
                .setResourceName(name)
                .setConfigurationKeys(null);
    }

    private Errors describeError(int type, String name) {
        return Errors.forCode(describe(4, resource(type, name)).errorCode());
    }

    private static DescribeConfigsResourceResult entry(DescribeConfigsResult result, String key) {
        return result.configs().stream()
                .filter(config -> config.name().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void describesATopicInEveryVersion() {
        for (short version : ApiKeys.DESCRIBE_CONFIGS.allVersions()) {
            DescribeConfigsResult result = describe(version, resource(TOPIC, "t"));
            DescribeConfigsResourceResult given = entry(result, "retention.ms");
            assertThat(given.value()).isEqualTo("5");
            assertThat(given.readOnly()).isFalse();
            assertThat(entry(result, "segment.bytes").value()).isEqualTo("1073741824");
            if (version >= 1) {
                assertThat(given.configSource()).isEqualTo((byte) 1);
                assertThat(entry(result, "retention.bytes").configSource()).isEqualTo((byte) 5);
                assertThat(given.synonyms())
                        .extracting(
                                DescribeConfigsSynonym::name,
                                DescribeConfigsSynonym::value,
                                DescribeConfigsSynonym::source)
                        .containsExactly(
                                tuple("retention.ms", "5", (byte) 1),
                                tuple("log.retention.ms", "604800000", (byte) 5));
            }
            if (version >= 3) {
                assertThat(given.configType()).isEqualTo((byte) 5);
                assertThat(given.documentation()).contains("Retention time");
                assertThat(entry(result, "cleanup.policy").configType()).isEqualTo((byte) 7);
                assertThat(entry(result, "segment.bytes").configType()).isEqualTo((byte) 3);
                assertThat(entry(result, "segment.bytes").documentation())
                        .startsWith("Without effect.");
            }
        }
    }

    @Test
    void describesOnlyRequestedSettings() {
        DescribeConfigsResult result =
                describe(
                        4,
                        resource(TOPIC, "t")
                                .setConfigurationKeys(List.of("retention.ms", "no.such.key")));

        assertThat(result.configs())
                .extracting(DescribeConfigsResourceResult::name)
                .containsExactly("retention.ms");
    }

    @Test
    void describesThisNodeOnly() {
        DescribeConfigsResult result = describe(4, resource(NODE, "2"));

        assertThat(entry(result, "node.id").value()).isEqualTo("2");
        assertThat(entry(result, "broker.rack").value()).isEqualTo("a");
        assertThat(entry(result, "auto.create.topics.enable").value()).isEqualTo("true");
        assertThat(entry(result, "group.initial.rebalance.delay.ms").value()).isEqualTo("3000");
        assertThat(entry(result, "group.consumer.session.timeout.ms").value()).isEqualTo("45000");
        assertThat(result.configs()).allMatch(DescribeConfigsResourceResult::readOnly);
        assertThat(describe(4, resource(NODE, "")).configs()).isEmpty();
        assertThat(describeError(NODE, "1")).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(describeError(NODE, "x")).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void whatHasNoSettingsIsAnError() {
        assertThat(describeError(TOPIC, "none")).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(describeError(TOPIC, "in valid")).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(describeError(99, "t")).isEqualTo(Errors.INVALID_REQUEST);
    }

    private static AlterConfigsResource change(int type, String name) {
        return new AlterConfigsResource().setResourceType((byte) type).setResourceName(name);
    }

    private static AlterConfigsResource with(
            AlterConfigsResource resource, int operation, String key, @Nullable String value) {
        resource.configs()
                .add(
                        new AlterableConfig()
                                .setName(key)
                                .setConfigOperation((byte) operation)
                                .setValue(value));
        return resource;
    }

    private List<Errors> alter(boolean validateOnly, AlterConfigsResource... resources) {
        IncrementalAlterConfigsRequestData request =
                new IncrementalAlterConfigsRequestData().setValidateOnly(validateOnly);
        List.of(resources).forEach(request.resources()::add);
        return cluster
                .call(
                        ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                        request,
                        IncrementalAlterConfigsResponseData.class)
                .responses()
                .stream()
                .map(result -> Errors.forCode(result.errorCode()))
                .toList();
    }

    private Errors error(int operation, String key, @Nullable String value) {
        return alter(false, with(change(TOPIC, "t"), operation, key, value)).getFirst();
    }

    private Map<String, String> given() {
        return cluster.topic("t").settings().given();
    }

    @Test
    void changesSingleSettings() {
        assertThat(error(SET, "retention.bytes", " 07 ")).isEqualTo(Errors.NONE);
        assertThat(given()).isEqualTo(Map.of("retention.ms", "5", "retention.bytes", "7"));

        assertThat(error(DELETE, "retention.ms", null)).isEqualTo(Errors.NONE);
        assertThat(given()).isEqualTo(Map.of("retention.bytes", "7"));
    }

    @Test
    void listsGrowAndShrink() {
        assertThat(error(APPEND, "cleanup.policy", "compact")).isEqualTo(Errors.NONE);
        assertThat(given()).containsEntry("cleanup.policy", "delete,compact");

        assertThat(error(SUBTRACT, "cleanup.policy", "delete")).isEqualTo(Errors.NONE);
        assertThat(given()).containsEntry("cleanup.policy", "compact");
        assertThat(error(APPEND, "retention.ms", "6")).isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void illegalChangesChangeNothing() {
        assertThat(error(SET, "no.such.key", "1")).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(error(SET, "retention.ms", "x")).isEqualTo(Errors.INVALID_CONFIG);
        assertThat(error(SET, "retention.ms", null)).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(error(9, "retention.ms", "6")).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(
                        alter(
                                false,
                                with(
                                        with(change(TOPIC, "t"), SET, "retention.ms", "6"),
                                        DELETE,
                                        "retention.ms",
                                        null)))
                .containsExactly(Errors.INVALID_REQUEST);
        assertThat(
                        alter(
                                false,
                                with(change(TOPIC, "t"), SET, "retention.ms", "6"),
                                with(change(TOPIC, "t"), SET, "retention.ms", "7")))
                .containsExactly(Errors.INVALID_REQUEST, Errors.INVALID_REQUEST);
        assertThat(alter(false, with(change(TOPIC, ""), SET, "retention.ms", "6")))
                .containsExactly(Errors.INVALID_REQUEST);
        assertThat(given()).isEqualTo(Map.of("retention.ms", "5"));
    }

    @Test
    void deletingAnUnknownSettingChangesNothing() {
        Map<String, String> before = given();

        assertThat(alter(false, with(change(TOPIC, "t"), DELETE, "no.such.setting", null)))
                .containsExactly(Errors.NONE);
        assertThat(given()).isEqualTo(before);
    }

    @Test
    void eachResourceHasItsOwnResult() {
        assertThat(
                        alter(
                                false,
                                with(change(TOPIC, "none"), SET, "retention.ms", "6"),
                                with(change(NODE, "2"), SET, "log.retention.ms", "6"),
                                with(change(77, "t"), SET, "retention.ms", "6"),
                                with(change(TOPIC, "t"), SET, "retention.ms", "6")))
                .containsExactly(
                        Errors.UNKNOWN_TOPIC_OR_PARTITION,
                        Errors.INVALID_REQUEST,
                        Errors.INVALID_REQUEST,
                        Errors.NONE);
    }

    @Test
    void aValidationChangesNothing() {
        assertThat(alter(true, with(change(TOPIC, "t"), SET, "retention.ms", "6")))
                .containsExactly(Errors.NONE);
        assertThat(alter(true, with(change(TOPIC, "t"), SET, "retention.ms", "x")))
                .containsExactly(Errors.INVALID_CONFIG);
        assertThat(given()).isEqualTo(Map.of("retention.ms", "5"));
    }

    @Test
    void replacesAllSettings() {
        for (short version : ApiKeys.ALTER_CONFIGS.allVersions()) {
            AlterConfigsRequestData.AlterConfigsResource resource =
                    new AlterConfigsRequestData.AlterConfigsResource()
                            .setResourceType(TOPIC)
                            .setResourceName("t");
            String key = version % 2 == 0 ? "retention.bytes" : "retention.ms";
            resource.configs()
                    .add(new AlterConfigsRequestData.AlterableConfig().setName(key).setValue("9"));
            AlterConfigsRequestData request = new AlterConfigsRequestData();
            request.resources().add(resource);
            assertThat(
                            cluster.call(
                                            ApiKeys.ALTER_CONFIGS,
                                            version,
                                            request,
                                            AlterConfigsResponseData.class)
                                    .responses()
                                    .getFirst()
                                    .errorCode())
                    .isZero();
            assertThat(given()).isEqualTo(Map.of(key, "9"));
        }
    }

    @Test
    void rightsOnConfigsAreNeeded() {
        cluster.close();
        cluster = AdministeredCluster.secured();
        create();
        assertThat(describeError(TOPIC, "t")).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);
        assertThat(describeError(NODE, "2")).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED);
        assertThat(error(SET, "retention.ms", "6")).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);

        cluster.allow(Operation.ALTER_CONFIGS, ResourceType.TOPIC, "t");
        cluster.allow(Operation.DESCRIBE_CONFIGS, ResourceType.TOPIC, "t");
        assertThat(error(SET, "retention.ms", "6")).isEqualTo(Errors.NONE);
        assertThat(describeError(TOPIC, "t")).isEqualTo(Errors.NONE);
        assertThat(Set.copyOf(given().values())).containsExactly("6");
    }
}
