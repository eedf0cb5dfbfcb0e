package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionCreationHandlerTest {

    private AdministeredCluster cluster = new AdministeredCluster();

    @BeforeEach
    void create() {
        cluster.fixture.createTopic("t", 3);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static CreatePartitionsTopic topic(String name, int count) {
        return new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null);
    }

    private List<Errors> errors(boolean validateOnly, CreatePartitionsTopic... topics) {
        CreatePartitionsRequestData request =
                new CreatePartitionsRequestData().setValidateOnly(validateOnly);
        List.of(topics).forEach(request.topics()::add);
        return cluster
                .call(ApiKeys.CREATE_PARTITIONS, request, CreatePartitionsResponseData.class)
                .results()
                .stream()
                .map(result -> Errors.forCode(result.errorCode()))
                .toList();
    }

    @Test
    void addsPartitions() {
        assertThat(errors(false, topic("t", 5), topic("none", 5)))
                .containsExactly(Errors.NONE, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(cluster.topic("t").partitionCount()).isEqualTo(5);
    }

    @Test
    void theNumberCanOnlyGrow() {
        for (int count : new int[] {3, 2, 0, -1, 100_001}) {
            assertThat(errors(false, topic("t", count)))
                    .as("%d", count)
                    .containsExactly(Errors.INVALID_PARTITIONS);
        }
    }

    @Test
    void aValidationAddsNothing() {
        assertThat(errors(true, topic("t", 5))).containsExactly(Errors.NONE);
        assertThat(errors(true, topic("t", 3))).containsExactly(Errors.INVALID_PARTITIONS);
        assertThat(cluster.topic("t").partitionCount()).isEqualTo(3);
    }

    @Test
    void aTopicThatIsNamedTwiceIsNotChanged() {
        assertThat(errors(false, topic("t", 5), topic("t", 6)))
                .containsExactly(Errors.INVALID_REQUEST);
        assertThat(cluster.topic("t").partitionCount()).isEqualTo(3);
    }

    @Test
    void assignmentsMatchTheNewPartitions() {
        CreatePartitionsAssignment assignment =
                new CreatePartitionsAssignment().setBrokerIds(List.of(1, 2));

        assertThat(errors(false, topic("t", 5).setAssignments(List.of(assignment))))
                .containsExactly(Errors.INVALID_REPLICA_ASSIGNMENT);
        assertThat(errors(false, topic("t", 4).setAssignments(List.of(assignment))))
                .containsExactly(Errors.NONE);
    }

    @Test
    void theRightToAlterIsNeeded() {
        cluster.close();
        cluster = AdministeredCluster.secured();

        assertThat(errors(false, topic("t", 5))).containsExactly(Errors.TOPIC_AUTHORIZATION_FAILED);
    }
}
