package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicConfigTest {

    private final StateDriver driver = new StateDriver();
    private final Topic topic = driver.createTopic("orders", 2);

    private Outcome configure(Map<String, String> set, String... reset) {
        return driver.apply(new Command.TopicConfigured(topic.id(), set, Set.of(reset)));
    }

    private TopicSettings now() {
        return driver.state().topics().withId(topic.id()).orElseThrow().settings();
    }

    private static Reason reason(Outcome outcome) {
        return ((Outcome.CommandRejected) outcome).problem().reason();
    }

    private static String message(Outcome outcome) {
        return ((Outcome.CommandRejected) outcome).problem().message();
    }

    @Test
    void changesOfDifferentSettingsAllCount() {
        configure(Map.of("retention.ms", "5"));
        Outcome last = configure(Map.of("retention.bytes", "7"));

        assertThat(now().given()).isEqualTo(Map.of("retention.ms", "5", "retention.bytes", "7"));
        assertThat(now().retentionMs()).isEqualTo(5);
        assertThat(last)
                .isInstanceOfSatisfying(
                        Outcome.TopicReady.class,
                        ready -> {
                            assertThat(ready.topic().settings()).isEqualTo(now());
                            assertThat(ready.topic().partitionCount()).isEqualTo(2);
                        });
    }

    @Test
    void aSettingThatIsResetHasItsDefaultAgain() {
        configure(Map.of("retention.ms", "5", "retention.bytes", "7"));
        configure(Map.of("retention.bytes", "8"), "retention.ms", "cleanup.policy");

        assertThat(now().given()).isEqualTo(Map.of("retention.bytes", "8"));
        assertThat(now().retentionMs()).isEqualTo(TopicSettings.DEFAULTS.retentionMs());
    }

    @Test
    void aChangeThatIsWrongInPartChangesNothingAndSaysWhatIsRight() {
        Outcome value = configure(Map.of("retention.ms", "5", "max.message.bytes", "63"));
        Outcome key = configure(Map.of("retention.ms", "5"), "retention.day");
        Outcome both = configure(Map.of("retention.ms", "5"), "retention.ms");

        assertThat(now()).isEqualTo(TopicSettings.DEFAULTS);
        assertThat(List.of(reason(value), reason(key), reason(both)))
                .containsOnly(Reason.INVALID_CONFIG);
        assertThat(message(value))
                .isEqualTo(
                        "The topic setting max.message.bytes must be a whole number from 64 to"
                                + " 16776192, not \"63\".");
        assertThat(message(key)).contains("Unknown topic setting retention.day", "retention.ms");
        assertThat(message(both)).contains("retention.ms", "both set and reset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"05", "+5", "-0", "٥", "00000000000000000000000000000000000000005"})
    void aNumberHasOneLegalText(String wrong) {
        assertThat(reason(configure(Map.of("retention.ms", wrong))))
                .isEqualTo(Reason.INVALID_CONFIG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zstd:23",
                "zstd:0",
                "lz4:18",
                "lz4:0",
                "gzip:10",
                "gzip:0",
                "gzip:-1",
                "zstd:+3",
                "zstd:",
                "zstd:9 ",
                "zstd:99999999999",
                "zstd:٩",
                "ZSTD",
                "snappy",
                "snappy:1",
                "brotli",
                "off:1",
                "none",
                ":9",
                "",
                " "
            })
    void anIllegalCompressionIsRejectedWithTheLegalLevels(String wrong) {
        configure(Map.of("segment.compression", "gzip:9"));
        Outcome rejected = configure(Map.of("segment.compression", wrong));

        assertThat(now().given()).isEqualTo(Map.of("segment.compression", "gzip:9"));
        assertThat(reason(rejected)).isEqualTo(Reason.INVALID_CONFIG);
        assertThat(message(rejected))
                .isEqualTo(
                        "The topic setting segment.compression must be off, zstd, lz4, gzip, or one"
                                + " with a level: zstd:1 to zstd:22, lz4:1 to lz4:17, gzip:1 to"
                                + " gzip:9, not \""
                                + wrong
                                + "\".");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "off", "zstd", "zstd:1", "zstd:22", "lz4", "lz4:1", "lz4:17", "gzip", "gzip:1",
                "gzip:9"
            })
    void aLegalCompressionIsAccepted(String right) {
        configure(Map.of("segment.compression", right));

        assertThat(now().given()).isEqualTo(Map.of("segment.compression", right));
        assertThat(now().segmentCompression().isPresent()).isEqualTo(!right.equals("off"));
    }

    @ParameterizedTest
    @CsvSource({
        "segment.bytes, 52428800",
        "segment.ms, 1",
        "min.insync.replicas, 2",
        "unclean.leader.election.enable, true",
        "flush.messages, 1",
        "message.format.version, 2.8-IV0",
        "max.compaction.lag.ms, 9223372036854775807"
    })
    void aSettingOfKafkaWithoutEffectIsKept(String key, String value) {
        configure(Map.of(key, value));
        driver.restart();

        assertThat(now().given()).isEqualTo(Map.of(key, value));
        assertThat(now())
                .usingRecursiveComparison()
                .ignoringFields("given")
                .isEqualTo(TopicSettings.DEFAULTS);
    }

    @ParameterizedTest
    @CsvSource({
        "segment.bytes, 14",
        "segment.ms, 0",
        "min.insync.replicas, 0",
        "unclean.leader.election.enable, yes",
        "message.format.version, new",
        "max.compaction.lag.ms, 1",
        "remote.storage.enable, true"
    })
    void aSettingOfKafkaWithoutEffectIsChecked(String key, String value) {
        assertThat(reason(configure(Map.of(key, value)))).isEqualTo(Reason.INVALID_CONFIG);
    }

    @Test
    void aDeletedTopicCannotBeConfigured() {
        driver.apply(new Command.TopicDeleted(topic.id()));

        assertThat(reason(configure(Map.of()))).isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void settingsAreInTheCheckpointAndTheDigest() {
        MetadataState other = new MetadataState();
        other.apply(new Entry(9, 1, List.of(new Command.TopicCreated("orders", 2, Map.of()))));
        other.apply(
                new Entry(
                        9,
                        2,
                        List.of(
                                new Command.TopicConfigured(
                                        topic.id(), Map.of("retention.ms", "6"), Set.of()))));
        configure(Map.of("retention.ms", "5"));
        TopicSettings before = now();
        long digest = driver.state().digest();

        driver.restart();

        assertThat(now()).isEqualTo(before);
        assertThat(driver.state().digest()).isEqualTo(digest).isNotEqualTo(other.digest());
    }

    @Test
    void everyDefaultIsLegal() {
        for (TopicSetting setting : TopicSetting.values()) {
            assertThat(setting.legalValues().allows(setting.defaultValue()))
                    .as(setting.key())
                    .isTrue();
            assertThat(TopicSettings.parse(Map.of(setting.key(), setting.defaultValue())))
                    .as(setting.key())
                    .usingRecursiveComparison()
                    .ignoringFields("given")
                    .isEqualTo(TopicSettings.DEFAULTS);
        }
    }
}
