package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.StatusRuntimeException;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.PartitionTrim;
import io.millrace.protocol.v1.TrimTopicRequest;
import io.millrace.protocol.v1.TrimTopicResponse;
import io.millrace.protocol.v1.TrimmedPartition;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicTrimTest {

    @TempDir Path folder;

    private RunningNode node;
    private AdminGrpc.AdminBlockingStub admin;

    @BeforeEach
    void start() {
        node = new RunningNode(folder);
        admin = AdminGrpc.newBlockingStub(node.connect());
        node.produce(3);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static PartitionTrim trimmed(int partition, long offset) {
        return PartitionTrim.newBuilder().setPartition(partition).setOffset(offset).build();
    }

    private TrimTopicResponse trim(PartitionTrim... partitions) {
        return admin.trimTopic(
                TrimTopicRequest.newBuilder()
                        .setName("t")
                        .addAllPartitions(List.of(partitions))
                        .build());
    }

    private static Reason reason(TrimmedPartition partition) {
        return Problem.fromStatus(partition.getError()).orElseThrow().reason();
    }

    @Test
    void readingTrimmedRecordsFails() {
        assertThat(trim(trimmed(0, 2)).getPartitions(0).getLogStartOffset()).isEqualTo(2);

        assertThat(
                        admin.describeTopic(DescribeTopicRequest.newBuilder().setName("t").build())
                                .getPartitions(0)
                                .getLogStartOffset())
                .isEqualTo(2);
        FetchedPartition below =
                FetchGrpc.newBlockingStub(node.connect())
                        .fetch(RunningNode.fetchFrom(1).build())
                        .getPartitions(0);
        assertThat(Problem.fromStatus(below.getError()).orElseThrow().details())
                .containsEntry("log_start_offset", "2")
                .containsEntry("high_watermark", "3");
    }

    @Test
    void aRepeatedOrLowerTrimHasNoEffect() {
        trim(trimmed(0, 2));

        assertThat(trim(trimmed(0, 2), trimmed(0, 1)).getPartitionsList())
                .allMatch(partition -> !partition.hasError())
                .extracting(TrimmedPartition::getLogStartOffset)
                .containsExactly(2L, 2L);
    }

    @Test
    void everyPartitionHasItsOwnResult() {
        TrimTopicResponse response = trim(trimmed(0, 4), trimmed(9, 1), trimmed(0, 1));

        assertThat(reason(response.getPartitions(0))).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(reason(response.getPartitions(1))).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertThat(response.getPartitions(2).getLogStartOffset()).isEqualTo(1);
    }

    @Test
    void aRequestThatNamesNothingOrANegativeOffsetIsRefused() {
        assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> trim()))
                .hasMessageContaining("No partition to trim");
        assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> trim(trimmed(0, -1))))
                .hasMessageContaining("must not be negative");
    }
}
