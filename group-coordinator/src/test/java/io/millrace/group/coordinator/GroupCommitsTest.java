package io.millrace.group.coordinator;

import static io.millrace.metadata.command.Command.OffsetsCommitted.UNNUMBERED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.group.CommitResult;
import io.millrace.group.GroupMetrics;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GroupCommitsTest {

    private static final int TEXT_CHARS = 4096;
    private static final int PARTITIONS = 100;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture metadata = new MetadataFixture(loop);
    private final GroupCommits commits =
            new GroupCommits(metadata.metadata(), new GroupMetrics(new SimpleMeterRegistry()));

    private CommitResult commit(GroupCommits through, long number, OffsetCommit offset) {
        CompletableFuture<CommitResult> result =
                through.commit("g", "m", 1, number, List.of(offset));
        loop.advance(Duration.ofSeconds(1));
        return result.join();
    }

    /** Returns a topic whose only partition is leased to a member. */
    private Topic leasedTopic() {
        Topic topic = metadata.createTopic("t", 1);
        long incarnation = metadata.metadata().incarnation();
        metadata.propose(new Command.GroupClaimed("g", incarnation, 0));
        long claim = metadata.metadata().groups().group("g").orElseThrow().claimEpoch();
        GroupMember member = new GroupMember("m", "", ByteString.EMPTY, ByteString.EMPTY);
        metadata.propose(
                new Command.GroupChanged(
                        "g",
                        claim,
                        1,
                        new GroupChange(
                                "",
                                ByteString.EMPTY,
                                List.of(),
                                List.of(member),
                                List.of(new LeaseChange(topic.id(), 0, "m")))));
        return topic;
    }

    private static OffsetCommit row(Topic topic, long offset) {
        return new OffsetCommit(topic.id(), 0, new CommittedOffset(offset, -1, ""));
    }

    @Test
    void aCommitIsSupersededByOneWithAHigherNumber() {
        OffsetCommit offset = row(leasedTopic(), 7);

        assertThat(commit(commits, 2, offset)).isEqualTo(validated(new RowOutcome.Accepted()));
        assertThat(commit(commits, 1, offset)).isEqualTo(validated(new RowOutcome.Superseded()));
    }

    private static CommitResult validated(RowOutcome row) {
        return new CommitResult.Judged(List.of(row));
    }

    @Test
    void commitsThatWaitForTheLogAreBoundedByTheirBytes() {
        Topic topic = metadata.createTopic("t", PARTITIONS);
        List<OffsetCommit> offsets =
                IntStream.range(0, PARTITIONS)
                        .mapToObj(partition ->
                                new OffsetCommit(
                                        topic.id(),
                                        partition,
                                        new CommittedOffset(0, -1, "x".repeat(TEXT_CHARS))))
                        .toList();
        metadata.log().stallAppends(true);
        List<CompletableFuture<CommitResult>> waiting = new ArrayList<>();
        CompletableFuture<CommitResult> next = commits.commit("g", "", -1, UNNUMBERED, offsets);
        while (!next.isDone() && waiting.size() < 1000) {
            waiting.add(next);
            next = commits.commit("g", "", -1, UNNUMBERED, offsets);
        }

        assertThat(next.join())
                .isInstanceOfSatisfying(
                        CommitResult.Failed.class,
                        failed ->
                                assertThat(failed.problem().reason()).isEqualTo(Reason.OVERLOADED));
        assertThat((long) waiting.size() * PARTITIONS * TEXT_CHARS * 2)
                .isBetween(30_000_000L, 34_000_000L);

        metadata.log().stallAppends(false);
        loop.advance(Duration.ofSeconds(40));
        assertThat(waiting).allMatch(CompletableFuture::isDone);
        assertThat(commits.commit("g", "", -1, UNNUMBERED, offsets)).isNotDone();
    }
}
