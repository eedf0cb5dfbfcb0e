package io.millrace.client.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.client.FakeServer;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.CommitGroupOffsetsResponse;
import io.millrace.protocol.v1.DescribeGroupResponse;
import io.millrace.protocol.v1.GroupMember;
import io.millrace.protocol.v1.GroupPartition;
import io.millrace.protocol.v1.GroupState;
import io.millrace.protocol.v1.GroupSummary;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest.ToCase;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupOperationsTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeServer server = new FakeServer();
    private final MillraceClient client = MillraceClient.connect(server.address());

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private void given(String group, GroupState state) {
        server.groups()
                .put(
                        DescribeGroupResponse.newBuilder()
                                .setSummary(
                                        GroupSummary.newBuilder().setGroup(group).setState(state))
                                .addMembers(GroupMember.newBuilder().setMemberId("m"))
                                .addPartitions(
                                        GroupPartition.newBuilder()
                                                .setTopic("t")
                                                .setMemberId("m")
                                                .setHighWatermark(9)
                                                .setLagRecords(9))
                                .addPartitions(
                                        GroupPartition.newBuilder()
                                                .setTopic("t")
                                                .setPartition(1)
                                                .setCommittedOffset(4)
                                                .setHighWatermark(9)
                                                .setLagRecords(5)
                                                .setLagMs(1500))
                                .build());
    }

    @Test
    void groupsAreListed() {
        given("b", GroupState.ACTIVE);
        given("a", GroupState.EMPTY);

        assertThat(client.groups().list())
                .extracting(GroupDescription.Summary::group, GroupDescription.Summary::state)
                .containsExactly(
                        tuple("a", GroupDescription.State.EMPTY),
                        tuple("b", GroupDescription.State.ACTIVE));
    }

    @Test
    void whatIsNotCommittedHasNoOffsetAndAllThatCanBeReadAsItsLag() {
        given("g", GroupState.ACTIVE);

        assertThat(client.groups().describe("g").partitions())
                .containsExactly(
                        new GroupDescription.Partition(
                                new TopicPartition("t", 0),
                                "m",
                                OptionalLong.empty(),
                                "",
                                0,
                                9,
                                OptionalLong.of(9),
                                Optional.empty()),
                        new GroupDescription.Partition(
                                new TopicPartition("t", 1),
                                "",
                                OptionalLong.of(4),
                                "",
                                0,
                                9,
                                OptionalLong.of(5),
                                Optional.of(Duration.ofMillis(1500))));
    }

    @Test
    void aDeletedGroupIsUnknown() {
        given("g", GroupState.EMPTY);

        client.groups().delete("g");

        assertThatThrownBy(() -> client.groups().describe("g"))
                .isInstanceOfSatisfying(
                        MillraceException.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains(Reason.UNKNOWN_GROUP));
    }

    @Test
    void everyPlaceCanBeResetTo() {
        Instant time = Instant.ofEpochMilli(77);
        for (OffsetReset reset :
                List.of(
                        OffsetReset.to("g", "t", StartPosition.beginning()),
                        OffsetReset.to("g", "t", StartPosition.end()),
                        OffsetReset.to("g", "t", StartPosition.offset(5))
                                .withPartitions(List.of(3, 1)),
                        OffsetReset.to("g", "t", StartPosition.time(time)).creatingGroup(),
                        OffsetReset.shiftBy("g", "t", -5))) {
            assertThat(client.groups().reset(reset)).isEmpty();
        }

        assertThat(server.groups().resets())
                .satisfiesExactly(
                        first -> assertThat(first.getToCase()).isEqualTo(ToCase.EARLIEST),
                        second -> assertThat(second.getToCase()).isEqualTo(ToCase.LATEST),
                        third -> {
                            assertThat(third.getOffset()).isEqualTo(5);
                            assertThat(third.getPartitionsList()).containsExactly(1, 3);
                        },
                        fourth -> {
                            assertThat(fourth.getTimestampMs()).isEqualTo(77);
                            assertThat(fourth.getCreate()).isTrue();
                        },
                        fifth -> assertThat(fifth.getShiftBy()).isEqualTo(-5))
                .noneMatch(ResetGroupOffsetsRequest::getDryRun);
    }

    @Test
    void aPlanIsADryRun() {
        var unused = client.groups().planReset(OffsetReset.to("g", "t", StartPosition.end()));

        assertThat(server.groups().resets())
                .singleElement()
                .satisfies(only -> assertThat(only.getDryRun()).isTrue());
    }

    @Test
    void aLostResetMayBeRepeatedUnlessItIsRelative() {
        assertThat(lost(OffsetReset.to("g", "t", StartPosition.beginning()))).isTrue();
        server.restart();
        assertThat(lost(OffsetReset.shiftBy("g", "t", 5))).isFalse();
    }

    /** Loses the response to a reset. Returns whether the failure permits a repetition. */
    private boolean lost(OffsetReset reset) {
        CompletableFuture<Void> done = server.groups().leaveNextResetUnanswered();
        try (MillraceClient own = MillraceClient.connect(server.address())) {
            var asked = own.groups().resetAsync(reset);
            done.orTimeout(20, TimeUnit.SECONDS).join();
            server.close();
            MillraceException failure =
                    catchThrowableOfType(
                            MillraceException.class,
                            () -> UnaryCalls.await(asked, LONG, "The test"));
            assertThat(failure).isInstanceOf(MillraceException.OutcomeUnknown.class);
            return failure.retriable();
        }
    }

    @Test
    void aCommitSaysWhatWasNotStored() {
        server.groups()
                .answerCommits(
                        CommitGroupOffsetsResponse.newBuilder()
                                .addResults(com.google.rpc.Status.getDefaultInstance())
                                .addResults(
                                        new Problem(Reason.UNKNOWN_PARTITION, "None.").toStatus())
                                .build());
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        offsets.put(new TopicPartition("t", 0), 5L);
        offsets.put(new TopicPartition("t", 1), 6L);

        assertThat(client.groups().commit("g", offsets))
                .containsOnlyKeys(new TopicPartition("t", 1));
        assertThat(server.groups().commits())
                .singleElement()
                .satisfies(only -> assertThat(only.getOffsets(1).getOffset()).isEqualTo(6));
    }
}
