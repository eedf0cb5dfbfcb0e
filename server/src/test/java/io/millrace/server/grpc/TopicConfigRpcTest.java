package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.StatusRuntimeException;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ConfigureTopicRequest;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.ProduceRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicConfigRpcTest {

    @TempDir Path folder;

    private RunningNode node;
    private AdminGrpc.AdminBlockingStub admin;

    @BeforeEach
    void start() {
        node = new RunningNode(folder);
        admin = AdminGrpc.newBlockingStub(node.connect());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static ConfigureTopicRequest.Builder request() {
        return ConfigureTopicRequest.newBuilder().setName("t");
    }

    private io.millrace.protocol.v1.Topic configure(ConfigureTopicRequest.Builder request) {
        return admin.configureTopic(request.build()).getTopic();
    }

    private List<io.millrace.protocol.v1.TopicSetting> settings() {
        return admin.describeTopic(DescribeTopicRequest.newBuilder().setName("t").build())
                .getSettingsList();
    }

    @Test
    void aChangeHoldsForTheNextBatch() {
        ProduceRequest large = RunningNode.produceRequest();
        node.produce(1);

        configure(request().putSet("max.message.bytes", "1000"));

        StatusRuntimeException rejected =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                io.millrace.protocol.v1.IngestGrpc.newBlockingStub(node.connect())
                                        .produce(large));
        assertThat(rejected).hasMessageContaining("1000");
        configure(request().addReset("max.message.bytes"));
        node.produce(1);
    }

    @Test
    void describeNamesEverySettingAndWhatItIs() {
        configure(request().putSet("retention.ms", "5"));

        assertThat(settings())
                .extracting(io.millrace.protocol.v1.TopicSetting::getKey)
                .containsExactlyElementsOf(
                        Arrays.stream(TopicSetting.values())
                                .filter(TopicSetting::hasEffect)
                                .map(TopicSetting::key)
                                .toList());
        assertThat(settings())
                .filteredOn(setting -> setting.getKey().equals("retention.ms"))
                .singleElement()
                .returns("5", io.millrace.protocol.v1.TopicSetting::getValue)
                .returns(true, io.millrace.protocol.v1.TopicSetting::getOverridden)
                .returns("604800000", io.millrace.protocol.v1.TopicSetting::getDefaultValue);
    }

    @Test
    void aSettingWithoutEffectIsShownWhereItIsGiven() {
        configure(request().putSet("segment.bytes", "52428800"));

        assertThat(settings())
                .filteredOn(setting -> setting.getKey().startsWith("segment.b"))
                .singleElement()
                .returns("52428800", io.millrace.protocol.v1.TopicSetting::getValue)
                .returns(true, io.millrace.protocol.v1.TopicSetting::getOverridden);
    }

    @Test
    void invalidSettingsAreRejectedWithoutAChange() {
        StatusRuntimeException rejected =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                configure(
                                        request()
                                                .putSet("retention.ms", "5")
                                                .putSet("retention.bytes", "-2")));

        assertThat(rejected).hasMessageContaining("retention.bytes must be a whole number from -1");
        assertThat(settings()).noneMatch(io.millrace.protocol.v1.TopicSetting::getOverridden);
    }

    @Test
    void theDocumentListsEverySettingAsTheCodeHasIt() throws Exception {
        List<String> rows = new ArrayList<>();
        for (TopicSetting setting : TopicSetting.values()) {
            rows.add(
                    "| `%s` | `%s` | %s | %s | %s |"
                            .formatted(
                                    setting.key(),
                                    setting.defaultValue(),
                                    setting.unit(),
                                    setting.legalValues().text(),
                                    setting.description())
                            .replace("|  |", "| |"));
        }
        String document = Files.readString(Path.of("../docs/configuration.md"));

        assertThat(document.substring(document.indexOf("## Settings of a topic")).lines())
                .filteredOn(line -> line.startsWith("| `"))
                .containsExactlyElementsOf(rows);
    }
}
