package io.millrace.fetch.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.state.FeatureLevels;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.SimulatedLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GroupCommitsTest {

    private static final int TEXT_CHARS = 4096;
    private static final int PARTITIONS = 100;

    private final SimulatedLoop loop = new SimulatedLoop();
    private final MetadataFixture metadata = new MetadataFixture(loop);
    private final GroupCommits commits =
            new GroupCommits(metadata.metadata(), new GroupMetrics(new SimpleMeterRegistry()));

    @Test
    void commitsThatWaitForTheLogAreBoundedByTheirBytes() {
        metadata.propose(new Command.FeatureLevelRaised(FeatureLevels.GROUPS));
        Topic topic = metadata.createTopic("t", PARTITIONS);
        List<OffsetCommit> offsets =
                IntStream.range(0, PARTITIONS)
                        .mapToObj(partition ->
                                new OffsetCommit(
                                        topic.id(),
                                        partition,
                                        new CommittedOffset(0, -1, "x".repeat(TEXT_CHARS))))
                        .toList();
        metadata.log().stall(true);
        List<CompletableFuture<CommitResult>> waiting = new ArrayList<>();
        CompletableFuture<CommitResult> next = commits.commit("g", "", -1, offsets);
        while (!next.isDone() && waiting.size() < 1000) {
            waiting.add(next);
            next = commits.commit("g", "", -1, offsets);
        }

        assertThat(next.join())
                .isInstanceOfSatisfying(
                        CommitResult.Failed.class,
                        failed ->
                                assertThat(failed.problem().reason()).isEqualTo(Reason.OVERLOADED));
        assertThat((long) waiting.size() * PARTITIONS * TEXT_CHARS * 2)
                .isBetween(30_000_000L, 34_000_000L);

        metadata.log().stall(false);
        loop.advance(Duration.ofSeconds(40));
        assertThat(waiting).allMatch(CompletableFuture::isDone);
        assertThat(commits.commit("g", "", -1, offsets)).isNotDone();
    }
}
