package io.millrace.fetch;

import static io.millrace.fetch.SubscribedClient.PLENTY;
import static io.millrace.fetch.SubscriptionWorld.name;
import static io.millrace.fetch.SubscriptionWorld.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the positions of a subscription: committed, sought, removed, damaged or unavailable. */
final class SubscriptionPositionsTest {

    private static final StartPosition LATEST =
            new StartPosition.LookedUp(new OffsetLookup.LookupPosition.Latest());
    private static final StartPosition NOWHERE = new StartPosition.NoPosition();
    private final SubscriptionWorld at = new SubscriptionWorld();
    private final FetchWorld world = at.world;
    private final Topic topic = at.topic;
    private final ScriptedGroup group = at.group;

    @Test
    void aSeekSaysWhereItGoesOn() {
        at.write(0, 3, 10, 1000);
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));
        client.reported.clear();

        client.says(new SubscriberRequest.Seek(name(0), 20));
        at.pass(Duration.ofSeconds(1));

        assertThat(client.reported.getFirst())
                .isEqualTo(new SubscriberResponse.PositionMoved(name(0), 20, 1));
        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void aSeekToTheEndIsLookedUp() {
        at.write(0, 3, 10, 1000);
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));

        client.says(
                new SubscriberRequest.SeekToPosition(
                        name(0),
                        new StartPosition.LookedUp(new OffsetLookup.LookupPosition.Latest())));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));

        assertThat(client.last(SubscriberResponse.PositionMoved.class))
                .isEqualTo(new SubscriberResponse.PositionMoved(name(0), 30, 1));
        assertThat(client.gotBytes()).isZero();
    }

    @Test
    void recordsRemovedByRetentionAreSkippedOnRequest() {
        at.write(0, 3, 10, 1000);
        world.metadata.trim(topic.id(), 0, 20);
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0, 5));

        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));

        assertThat(client.last(SubscriberResponse.PositionMoved.class))
                .isEqualTo(new SubscriberResponse.PositionMoved(name(0), 20, 0));
        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void recordsRemovedByRetentionAreAnErrorOnRequest() {
        at.write(0, 3, 10, 1000);
        world.metadata.trim(topic.id(), 0, 20);
        SubscribedClient client =
                at.client(SubscribedClient.opening("", LATEST, NOWHERE, "orders"));
        at.onLoop(() -> group.assign(topic, 0, 5));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(1));
        Problem problem = client.last(SubscriberResponse.PartitionFailed.class).problem();
        assertThat(problem.reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(problem.details()).containsEntry("log_start_offset", "20");

        client.says(new SubscriberRequest.Seek(name(0), 20));
        at.pass(Duration.ofSeconds(1));

        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }

    @Test
    void withoutACommitAndAPlaceToStartThePartitionFails() {
        SubscribedClient client =
                at.client(SubscribedClient.opening("", NOWHERE, NOWHERE, "orders"));
        at.onLoop(() -> group.assign(topic, 0));

        assertThat(client.last(SubscriberResponse.Assigned.class).partitions())
                .containsExactly(start(0, -1, ""));
        assertThat(client.last(SubscriberResponse.PartitionFailed.class).problem().reason())
                .isEqualTo(Reason.NO_COMMITTED_OFFSET);
    }

    @Test
    void aNewGroupMayStartAtTheEndWhichIsStoredBeforeAnythingIsSent() {
        at.write(0, 3, 10, 1000);
        SubscribedClient client =
                at.client(SubscribedClient.opening("", LATEST, NOWHERE, "orders"));
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        assertThat(group.commits.getFirst())
                .containsExactly(new OffsetCommit(topic.id(), 0, new CommittedOffset(30, -1, "")));
        at.write(0, 1, 1, 100);
        at.pass(Duration.ofSeconds(1));
        assertThat(client.reported(SubscriberResponse.Assigned.class)).isEmpty();

        at.onLoop(() -> group.fail(0, new Problem(Reason.METADATA_UNAVAILABLE, "away")));
        at.pass(Duration.ofSeconds(1));
        assertThat(client.reported(SubscriberResponse.Assigned.class)).isEmpty();
        at.onLoop(() -> group.answer(1, new RowOutcome.Accepted()));

        assertThat(client.reported(SubscriberResponse.Assigned.class))
                .containsExactly(new SubscriberResponse.Assigned(List.of(start(0, 30, ""))));
        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
        assertThat(group.numbers)
                .as("where it starts stays behind any commit")
                .containsOnly(Command.OffsetsCommitted.START_POSITION);
    }

    @Test
    void readingResumesWhenTheBucketIsAvailableAgain() {
        Written batch = new Written(topic, 0, world.batch(10, 1000, 1000));
        world.write(List.of(batch));
        SubscribedClient client = at.client();
        world.failBucketReads();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(20));
        assertThat(client.reported(SubscriberResponse.PartitionFailed.class)).isEmpty();

        world.restoreBucketReads();
        at.pass(Duration.ofSeconds(5));

        assertThat(client.got("orders", 0)).isEqualTo(at.served(0));
    }

    @Test
    void aBucketThatStaysUnavailableIsReportedAndASeekReadsAgain() {
        Written batch = new Written(topic, 0, world.batch(10, 1000, 1000));
        world.write(List.of(batch));
        world.failBucketReads();
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(60));
        assertThat(client.reported(SubscriberResponse.PartitionFailed.class))
                .singleElement()
                .extracting(failed -> failed.problem().reason())
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);

        world.restoreBucketReads();
        client.says(new SubscriberRequest.Seek(name(0), 0));
        at.pass(Duration.ofSeconds(5));
        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getFirst());
    }

    @Test
    void damageIsReportedAndCanBeSkipped() {
        var damaged = world.write(List.of(new Written(topic, 0, world.batch(10, 1000, 1000))));
        world.damage(damaged, 500);
        world.write(List.of(new Written(topic, 0, world.batch(10, 1000, 1000))));
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.grants(PLENTY, PLENTY);
        at.pass(Duration.ofSeconds(20));
        assertThat(client.last(SubscriberResponse.PartitionFailed.class).problem().reason())
                .isEqualTo(Reason.CORRUPT_DATA);

        client.says(new SubscriberRequest.Seek(name(0), 10));
        at.pass(Duration.ofSeconds(5));

        assertThat(client.got("orders", 0)).isEqualTo(world.served(topic, 0).getLast());
    }
}
