package io.millrace.group.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.TestMember;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests of the assignment while topics and subscriptions change. */
final class ReadingMembersTest {

    private final CoordinatorWorld world = new CoordinatorWorld(1, 1);
    private final Topic topic = world.topic("t", 6);

    @Test
    void topicsThatBeginToMatchAndPartitionsThatAreAddedArePickedUp() {
        TestMember member = world.join(CoordinatorWorld.matching("t|logs-.*"));
        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));

        Topic logs = world.topic("logs-1", 2);
        world.topic("catalogs-1", 2);
        world.first().metadata.propose(new Command.PartitionsAdded(topic.id(), 8));
        world.advance(Duration.ofMillis(300));

        Set<PartitionId> expected = CoordinatorWorld.partitions(topic, 0, 1, 2, 3, 4, 5, 6, 7);
        expected.addAll(CoordinatorWorld.partitions(logs));
        assertThat(member.owned.keySet()).isEqualTo(expected);
        assertThat(member.disturbed).isEmpty();
    }

    @Test
    void laterPartitionsAreReadFromTheirStart() {
        TestMember member = world.join(CoordinatorWorld.matching("t|logs-.*"));
        assertThat(member.owned.values()).containsOnly(Optional.empty());

        Topic logs = world.topic("logs-1", 1);
        world.first().metadata.propose(new Command.PartitionsAdded(topic.id(), 7));
        world.advance(Duration.ofMillis(300));

        CommittedOffset first = new CommittedOffset(0, -1, "");
        assertThat(member.owned)
                .containsEntry(new PartitionId(topic.id(), 5), Optional.empty())
                .containsEntry(new PartitionId(topic.id(), 6), Optional.of(first))
                .containsEntry(new PartitionId(logs.id(), 0), Optional.of(first));
    }

    @Test
    void nextCoordinatorKnowsLaterPartitions() {
        world.join(CoordinatorWorld.subscribedTo("t"));
        world.first().metadata.propose(new Command.PartitionsAdded(topic.id(), 7));
        world.advance(Duration.ofMillis(300));
        CoordinatorWorld.Node next = world.add();
        world.advance(Duration.ofSeconds(1));
        CoordinatorWorld.Node before = world.first();
        before.close();
        world.nodes.remove(before);
        before.isLive = false;

        TestMember takeover = world.joinViaAnyNode("", CoordinatorWorld.subscribedTo("t"));
        world.advance(CoordinatorWorld.SESSION.plus(CoordinatorWorld.LIFE).plusSeconds(6));

        assertThat(world.coordinator()).isSameAs(next);
        assertThat(takeover.owned)
                .containsEntry(new PartitionId(topic.id(), 0), Optional.empty())
                .containsEntry(
                        new PartitionId(topic.id(), 6),
                        Optional.of(new CommittedOffset(0, -1, "")));
    }

    @Test
    void aTopicThatAMemberBeginsToReadIsNotNew() {
        world.join(CoordinatorWorld.subscribedTo("t"));
        world.topic("u", 1);
        world.advance(Duration.ofMillis(300));

        TestMember member = world.join(CoordinatorWorld.subscribedTo("u"));

        assertThat(member.owned.values()).containsExactly(Optional.empty());
    }

    @Test
    void aDeletedTopicIsLostAndTheOthersGoOn() {
        Topic other = world.topic("u", 2);
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t", "u"));

        world.first().metadata.propose(new Command.TopicDeleted(topic.id()));
        world.advance(Duration.ofMillis(300));

        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(other));
        assertThat(member.disturbed).containsExactlyElementsOf(CoordinatorWorld.partitions(topic));
    }

    @Test
    void aTopicThatIsCreatedAnewIsReadAnew() {
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));
        world.first().metadata.propose(new Command.TopicDeleted(topic.id()));
        world.advance(Duration.ofMillis(300));

        Topic again = world.topic("t", 1);
        world.advance(Duration.ofMillis(300));

        assertThat(member.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(again));
    }

    @Test
    void membersMayReadDifferentTopics() {
        Topic other = world.topic("u", 2);
        TestMember first = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember second = world.join(CoordinatorWorld.subscribedTo("u"));

        assertThat(first.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(topic));
        assertThat(second.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(other));
    }

    @Test
    void aMemberThatReadsSomethingElseNowGivesUpTheRest() {
        Topic other = world.topic("u", 2);
        TestMember member = world.join(CoordinatorWorld.subscribedTo("t"));
        TestMember changed =
                new TestMember(world.loop, "g", "", CoordinatorWorld.subscribedTo("u"));
        changed.id = member.id;
        changed.owned.putAll(member.owned);

        changed.join(world.first().coordinator, true);
        world.settle();

        assertThat(changed.owned.keySet()).isEqualTo(CoordinatorWorld.partitions(other));
        assertThat(changed.disturbed).containsExactlyElementsOf(CoordinatorWorld.partitions(topic));
        assertThat(world.group().lease(topic.id(), 0)).isEmpty();
    }
}
