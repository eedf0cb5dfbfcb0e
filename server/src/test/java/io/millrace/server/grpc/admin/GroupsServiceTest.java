package io.millrace.server.grpc.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.CommitGroupOffsetsRequest;
import io.millrace.protocol.v1.DeleteGroupRequest;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.DescribeGroupResponse;
import io.millrace.protocol.v1.GroupOffset;
import io.millrace.protocol.v1.GroupState;
import io.millrace.protocol.v1.GroupSummary;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.ListGroupsRequest;
import io.millrace.protocol.v1.OffsetReset;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.server.grpc.RunningNode;
import java.nio.file.Path;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupsServiceTest {

    @TempDir Path folder;
    private RunningNode node;
    private GroupsGrpc.GroupsBlockingStub groups;

    @BeforeEach
    void open() {
        node = new RunningNode(folder);
        groups = GroupsGrpc.newBlockingStub(node.connect());
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void commit(long offset, String metadata) {
        var answer =
                groups.commitGroupOffsets(
                        CommitGroupOffsetsRequest.newBuilder()
                                .setGroup("g")
                                .addOffsets(
                                        GroupOffset.newBuilder()
                                                .setTopic("t")
                                                .setOffset(offset)
                                                .setMetadata(metadata))
                                .build());
        assertThat(answer.getResultsList())
                .singleElement()
                .satisfies(result -> assertThat(result.getCode()).isZero());
    }

    private DescribeGroupResponse describe() {
        return groups.describeGroup(DescribeGroupRequest.newBuilder().setGroup("g").build());
    }

    private OffsetReset reset(ResetGroupOffsetsRequest.Builder request) {
        return groups.resetGroupOffsets(request.setGroup("g").setTopic("t").build())
                .getPartitions(0);
    }

    @Test
    void describeReportsCommittedOffsetsAndLag() {
        node.produce(2);
        commit(1, "halfway");

        assertThat(describe().getPartitionsList())
                .singleElement()
                .satisfies(partition -> {
                    assertThat(partition.getTopic()).isEqualTo("t");
                    assertThat(partition.getCommittedOffset()).isEqualTo(1);
                    assertThat(partition.getMetadata()).isEqualTo("halfway");
                    assertThat(partition.getHighWatermark()).isEqualTo(2);
                    assertThat(partition.getLagRecords()).isEqualTo(1);
                    assertThat(partition.getLagMs()).isPositive();
                });
        assertThat(groups.listGroups(ListGroupsRequest.getDefaultInstance()).getGroupsList())
                .containsExactly(
                        GroupSummary.newBuilder().setGroup("g").setState(GroupState.EMPTY).build());
    }

    @Test
    void aResetToATimeReadsTheRecords() {
        node.produce(2);
        commit(1, "");

        OffsetReset first = reset(ResetGroupOffsetsRequest.newBuilder().setTimestampMs(0));
        assertThat(first.getOldOffset()).isEqualTo(1);
        assertThat(first.getNewOffset()).isZero();
        OffsetReset after = reset(ResetGroupOffsetsRequest.newBuilder().setTimestampMs(1));
        assertThat(after.getNewOffset()).isEqualTo(2);
        assertThat(describe().getPartitions(0).getCommittedOffset()).isEqualTo(2);
    }

    @Test
    void aResetPastTheEndIsReportedAsClamped() {
        commit(0, "");

        OffsetReset reset = reset(ResetGroupOffsetsRequest.newBuilder().setOffset(9));

        assertThat(reset.getClamped()).isTrue();
        assertThat(reset.getNewOffset()).isZero();
    }

    @Test
    void aDeletedGroupIsUnknown() {
        commit(0, "");

        var unused = groups.deleteGroup(DeleteGroupRequest.newBuilder().setGroup("g").build());

        assertThat(rejection(this::describe)).isEqualTo(Reason.UNKNOWN_GROUP);
    }

    @Test
    void invalidRequestsAreMalformed() {
        commit(0, "");

        assertThat(rejection(() -> reset(ResetGroupOffsetsRequest.newBuilder())))
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(rejection(() -> reset(ResetGroupOffsetsRequest.newBuilder().setOffset(-1))))
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(rejection(() -> commit(-1, ""))).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(
                        rejection(() ->
                                groups.commitGroupOffsets(
                                        CommitGroupOffsetsRequest.newBuilder()
                                                .setGroup("g")
                                                .build())))
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void anEmptyGroupIdIsRejected() {
        assertThat(
                        rejection(() ->
                                groups.commitGroupOffsets(
                                        CommitGroupOffsetsRequest.newBuilder()
                                                .addOffsets(GroupOffset.newBuilder().setTopic("t"))
                                                .build())))
                .isEqualTo(Reason.INVALID_GROUP);
    }

    private static Reason rejection(ThrowingCallable call) {
        StatusRuntimeException rejected = catchThrowableOfType(StatusRuntimeException.class, call);
        return Optional.ofNullable(StatusProto.fromThrowable(rejected))
                .flatMap(Problem::fromStatus)
                .orElseThrow()
                .reason();
    }
}
