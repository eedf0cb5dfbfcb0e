package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.Topic;
import java.util.Map;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordDeletionHandlerTest {

    private AdministeredCluster cluster = new AdministeredCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private DeleteRecordsPartitionResult delete(int version, String topic, int partition, long to) {
        DeleteRecordsTopic requested = new DeleteRecordsTopic().setName(topic);
        requested
                .partitions()
                .add(new DeleteRecordsPartition().setPartitionIndex(partition).setOffset(to));
        DeleteRecordsRequestData request = new DeleteRecordsRequestData();
        request.topics().add(requested);
        return cluster.call(
                        ApiKeys.DELETE_RECORDS, version, request, DeleteRecordsResponseData.class)
                .topics()
                .find(topic)
                .partitions()
                .find(partition);
    }

    private Errors error(String topic, int partition, long to) {
        return Errors.forCode(delete(2, topic, partition, to).errorCode());
    }

    @Test
    void deletesUpToAnOffsetInEveryVersion() {
        Topic topic = cluster.fixture.createTopic("t", 2);
        cluster.append(topic, 1, 9);
        for (short version : ApiKeys.DELETE_RECORDS.allVersions()) {
            assertThat(delete(version, "t", 1, 2 + version).lowWatermark()).isEqualTo(2 + version);
        }
        assertThat(delete(2, "t", 1, 1).lowWatermark()).isEqualTo(4);
    }

    @Test
    void minusOneStandsForTheHighWatermark() {
        Topic topic = cluster.fixture.createTopic("t", 2);
        cluster.append(topic, 1, 9);

        assertThat(delete(2, "t", 1, -1).lowWatermark()).isEqualTo(9);
        assertThat(delete(2, "t", 0, -1).lowWatermark()).isZero();
    }

    @Test
    void offsetsAndPartitionsAreChecked() {
        Topic topic = cluster.fixture.createTopic("t", 2);
        cluster.append(topic, 1, 9);

        assertThat(error("t", 1, 10)).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        assertThat(error("t", 1, -2)).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        assertThat(error("t", 2, 0)).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(error("none", 0, 0)).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(delete(2, "none", 0, 0).lowWatermark()).isEqualTo(-1);
    }

    @Test
    void aTopicThatIsOnlyCompactedIsRefused() {
        cluster.fixture.createTopic("t", 1, Map.of("cleanup.policy", "compact"));

        assertThat(error("t", 0, 0)).isEqualTo(Errors.POLICY_VIOLATION);
    }

    @Test
    void theRightToDeleteIsNeeded() {
        cluster.close();
        cluster = AdministeredCluster.secured();
        cluster.fixture.createTopic("t", 1);

        assertThat(error("t", 0, 0)).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);
    }
}
