package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.TopicSetting;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;

class KafkaSettingsTest {

    /** MirrorMaker sends all settings of a topic's origin. */
    @Test
    void allTopicSettingsOfKafkaAreKnown() throws Exception {
        List<String> keys = new ArrayList<>();
        for (Field field : TopicConfig.class.getFields()) {
            if (field.getName().endsWith("_CONFIG")) {
                keys.add((String) field.get(null));
            }
        }
        assertThat(keys).contains("retention.ms");
        assertThat(Arrays.stream(TopicSetting.values()).map(TopicSetting::key)).containsAll(keys);
    }
}
