package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.group.MemberDetails;
import io.millrace.group.TestMember;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of rejected join requests. */
final class JoinValidatorTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void aTopicThatDoesNotExistIsRefused() {
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t", "nowhere"));

        assertThat(member.reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(member.problem().message()).contains("nowhere");
    }

    @Test
    void aSubscriptionThatNoEntryHoldsIsRejectedWithoutEcho() {
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t", "x".repeat(1 << 20)));

        assertThat(member.reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(member.problem().message()).doesNotContain("xx");
    }

    @Test
    void joinToGroupOfAnotherProtocolIsRejected() {
        MetadataFixture metadata = world.first().metadata;
        long incarnation = metadata.metadata().incarnation();
        metadata.propose(new Command.GroupClaimed("g", incarnation, 0));
        metadata.propose(
                new Command.GroupChanged(
                        "g",
                        1,
                        1,
                        new GroupChange(
                                "classic",
                                ByteString.EMPTY,
                                List.of(),
                                List.of(
                                        new GroupMember(
                                                "other", "", ByteString.EMPTY, ByteString.EMPTY)),
                                List.of())));
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));

        assertThat(member.reason()).isEqualTo(Reason.INVALID_GROUP);
        assertThat(member.problem().message()).contains("classic");
        Group group = world.group();
        assertThat(group.protocol()).isEqualTo("classic");
        assertThat(group.members()).extracting(GroupMember::id).containsExactly("other");
    }

    @Test
    void membersMustUseTheSameAssignor() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        MemberDetails range =
                new MemberDetails(
                        TopicSubscription.to(List.of("t")),
                        AssignmentStrategy.RANGE,
                        CoordinatorWorld.SESSION,
                        CoordinatorWorld.RELEASE,
                        "",
                        "",
                        "");

        assertThat(world.join(range).reason()).isEqualTo(Reason.INVALID_GROUP);
        first.leave();
        world.settle();
        assertThat(world.join(range).owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void nonsenseIsRefused() {
        assertThat(world.join(CoordinatorWorld.matching("(")).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(world.join(CoordinatorWorld.subscribedTo()).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(world.join("x".repeat(256), CoordinatorWorld.subscribedTo("t")).reason())
                .isEqualTo(Reason.INVALID_GROUP);
        MemberDetails hasty =
                new MemberDetails(
                        TopicSubscription.to(List.of("t")),
                        AssignmentStrategy.STICKY,
                        Duration.ofMillis(999),
                        CoordinatorWorld.RELEASE,
                        "",
                        "",
                        "");
        assertThat(world.join(hasty).reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        TestMember stranger =
                new TestMember(world.loop, "g", "", CoordinatorWorld.subscribedTo("t"));
        stranger.id = "stranger";
        stranger.join(world.first().coordinator, true);
        world.settle();
        assertThat(stranger.reason()).isEqualTo(Reason.UNKNOWN_MEMBER);
    }

    @Test
    void aPatternThatIsTooLongIsRejectedBeforeItIsCompiled() {
        String max = "t|" + "x".repeat(TopicMatcher.MAX_PATTERN_CHARS - 2);
        TestMember member = world.join(CoordinatorWorld.matching(max + "x"));

        assertThat(member.reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(member.problem().message()).contains("1,025 characters", "at most 1,024");
        assertThat(world.join(CoordinatorWorld.matching(max)).owned.keySet())
                .isEqualTo(CoordinatorWorld.partitions(topic));
    }

    @Test
    void aPatternWhoseNestedRepetitionsWouldFillTheMemoryIsRejected() {
        TestMember member = world.join(CoordinatorWorld.matching("((t{1000}){1000,}){0,1000}"));

        assertThat(member.reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(member.problem().message()).contains("repeats too much", "at most 4,096");
        assertThat(world.join(CoordinatorWorld.matching("[a-z0-9]{1,63}(-[0-9]{2})?")).owned)
                .hasSize(6);
    }

    @Test
    void aPatternWhoseMatchWouldOverflowTheStackIsRejected() {
        assertThat(world.join(CoordinatorWorld.matching("((.?){2}){1000}")).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(world.join(CoordinatorWorld.matching("((((.?)?)?)?){215}")).owned).hasSize(6);
    }

    @Test
    void fullGroupRejectsJoinsAndKeepsItsMembers() {
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        String[] many =
                IntStream.range(0, 1_200)
                        .mapToObj(i -> "x".repeat(240) + i)
                        .peek(name -> world.topic(name, 1))
                        .toArray(String[]::new);

        TestMember second = world.join(CoordinatorWorld.subscribedTo(many));

        assertThat(second.reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(world.join(CoordinatorWorld.subscribedTo("t")).ended).isNull();
    }
}
