package io.millrace.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import io.millrace.client.FakeServer;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.DescribeGroupResponse;
import io.millrace.protocol.v1.GroupMember;
import io.millrace.protocol.v1.GroupPartition;
import io.millrace.protocol.v1.GroupState;
import io.millrace.protocol.v1.GroupSummary;
import io.millrace.protocol.v1.OffsetReset;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.protocol.v1.ResetGroupOffsetsResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupCommandsTest {

    /** Exit code and output of a run. */
    private record Ran(int code, String out, String err) {}

    private final FakeServer server = new FakeServer();

    @AfterEach
    void close() {
        server.close();
    }

    private Ran run(String... args) {
        List<String> all = new ArrayList<>(List.of("group"));
        all.addAll(List.of(args));
        all.addAll(List.of("--server", server.address()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console =
                new Console(
                        new ByteArrayInputStream(new byte[0]),
                        out,
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false);
        int code = MillraceCommand.run(console, all.toArray(String[]::new));
        return new Ran(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private void given(String id, GroupState state) {
        server.groups()
                .put(
                        DescribeGroupResponse.newBuilder()
                                .setSummary(
                                        GroupSummary.newBuilder()
                                                .setGroup(id)
                                                .setState(state)
                                                .setProtocol("stream")
                                                .setCoordinator("n1")
                                                .setMemberCount(1))
                                .setGeneration(3)
                                .addMembers(
                                        GroupMember.newBuilder()
                                                .setMemberId("m")
                                                .setClientId("app")
                                                .setZone("a"))
                                .addPartitions(
                                        GroupPartition.newBuilder()
                                                .setTopic("t")
                                                .setPartition(0)
                                                .setMemberId("m")
                                                .setCommittedOffset(4)
                                                .setHighWatermark(9)
                                                .setLagRecords(5)
                                                .setLagMs(1540))
                                .addPartitions(
                                        GroupPartition.newBuilder()
                                                .setTopic("t")
                                                .setPartition(1)
                                                .setHighWatermark(9)
                                                .setLagRecords(9))
                                .build());
    }

    @Test
    void groupsAreListedAsTextAndAsJson() {
        given("b", GroupState.UNCOORDINATED);
        given("a", GroupState.ACTIVE);

        assertThat(run("list").out().lines())
                .containsExactly(
                        "group\tstate\tprotocol\tmembers\tcoordinator",
                        "a\tactive\tstream\t1\tn1",
                        "b\tuncoordinated\tstream\t1\tn1");
        assertThat(run("list", "--output", "json").out())
                .startsWith(
                        "{\"groups\":[{\"group\":\"a\",\"state\":\"active\",\"protocol\":\"stream\","
                                + "\"coordinator\":\"n1\",\"memberCount\":1},");
    }

    @Test
    void aGroupIsDescribedAsTextAndAsJson() {
        given("g", GroupState.ACTIVE);

        assertThat(run("describe", "g").out().lines())
                .containsExactly(
                        "g: active, generation 3, 1 member(s), coordinated by n1",
                        "member\tinstance\tclient\tzone\tpartitions",
                        "m\t-\tapp\ta\t1",
                        "topic\tpartition\tcommitted\tend\tlag\tlag time\tmember",
                        "t\t0\t4\t9\t5\t1.5 s\tm",
                        "t\t1\t-\t9\t9 (all)\t-\t-");
        assertThat(run("describe", "g", "--output", "json").out())
                .contains("\"generation\":3,\"members\":[{\"member\":\"m\",\"instance\":\"\",")
                .contains("\"committed\":4,\"metadata\":\"\",\"logStartOffset\":0,")
                .contains("\"lagRecords\":5,\"lagMs\":1540}")
                .contains("\"lagRecords\":9,\"lagMs\":null}");
    }

    @Test
    void whatWasCommittedBesideAnOffsetIsShownWhereThereIsAny() {
        server.groups()
                .put(
                        DescribeGroupResponse.newBuilder()
                                .setSummary(GroupSummary.newBuilder().setGroup("g"))
                                .addPartitions(
                                        GroupPartition.newBuilder()
                                                .setTopic("t")
                                                .setCommittedOffset(4)
                                                .setMetadata("half\tway\n")
                                                .setHighWatermark(9)
                                                .setLagRecords(5))
                                .addPartitions(
                                        GroupPartition.newBuilder()
                                                .setTopic("t")
                                                .setPartition(1)
                                                .setHighWatermark(9)
                                                .setLagRecords(9))
                                .build());

        assertThat(run("describe", "g").out().lines())
                .endsWith(
                        "topic\tpartition\tcommitted\tend\tlag\tlag time\tmember\tmetadata",
                        "t\t0\t4\t9\t5\t-\t-\thalf way ",
                        "t\t1\t-\t9\t9 (all)\t-\t-\t-");
    }

    @Test
    void aGroupIsDeletedOnce() {
        given("g", GroupState.EMPTY);

        assertThat(run("delete", "g").out()).isEqualTo("Deleted group g.\n");
        assertThat(run("delete", "g")).isEqualTo(new Ran(1, "", "There is no group g.\n"));
        assertThat(run("list").out().lines()).hasSize(1);
    }

    private ResetGroupOffsetsRequest asked(String... more) {
        List<String> args = new ArrayList<>(List.of("reset", "g", "--topic", "t"));
        args.addAll(List.of(more));
        assertThat(run(args.toArray(String[]::new)).code()).isZero();
        return server.groups().resets().getLast();
    }

    @Test
    void aResetUsesTheGivenPosition() {
        assertThat(asked("--to", "beginning").hasEarliest()).isTrue();
        assertThat(asked("--to", "end").hasLatest()).isTrue();
        assertThat(asked("--to", "42").getOffset()).isEqualTo(42);
        assertThat(asked("--to", "-5").getShiftBy()).isEqualTo(-5);
        assertThat(asked("--to=-5").getShiftBy()).isEqualTo(-5);
        assertThat(asked("--to", "+5").getShiftBy()).isEqualTo(5);
        assertThat(asked("--to", "1970-01-01T00:00:01Z").getTimestampMs()).isEqualTo(1000);
        assertThat(asked("--to", "@77").getTimestampMs()).isEqualTo(77);
        assertThat(asked("--to", "end", "--partition", "3", "--partition", "1").getPartitionsList())
                .containsExactly(1, 3);
        assertThat(asked("--to", "end").getDryRun()).isFalse();
        assertThat(asked("--to", "end", "--dry-run").getDryRun()).isTrue();
        assertThat(asked("--to", "end", "--create").getCreate()).isTrue();
    }

    @Test
    void aResetShowsWhatItMoved() {
        server.groups()
                .answerResets(
                        ResetGroupOffsetsResponse.newBuilder()
                                .addPartitions(
                                        OffsetReset.newBuilder().setOldOffset(5).setNewOffset(9))
                                .addPartitions(
                                        OffsetReset.newBuilder()
                                                .setPartition(1)
                                                .setNewOffset(7)
                                                .setClamped(true))
                                .build());

        assertThat(run("reset", "g", "--topic", "t", "--to", "9", "--dry-run").out().lines())
                .containsExactly(
                        "partition\tbefore\tafter",
                        "0\t5\t9",
                        "1\t-\t7\tmoved to the nearest readable offset",
                        "Nothing was changed.");
        assertThat(run("reset", "g", "--topic", "t", "--to", "9", "--output", "json").out())
                .isEqualTo(
                        "{\"group\":\"g\",\"topic\":\"t\",\"dryRun\":false,\"partitions\":["
                                + "{\"partition\":0,\"before\":5,\"after\":9,\"clamped\":false,"
                                + "\"error\":null},{\"partition\":1,\"before\":null,\"after\":7,"
                                + "\"clamped\":true,\"error\":null}]}\n");
    }

    @Test
    void aPartitionThatCouldNotBeResetIsExitCodeOne() {
        server.groups()
                .answerResets(
                        ResetGroupOffsetsResponse.newBuilder()
                                .addPartitions(
                                        OffsetReset.newBuilder()
                                                .setError(
                                                        new Problem(
                                                                        Reason.UNKNOWN_PARTITION,
                                                                        "Gone.")
                                                                .toStatus()))
                                .build());

        Ran ran = run("reset", "g", "--topic", "t", "--to", "end");

        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).contains("failed: Gone.");
    }
}
