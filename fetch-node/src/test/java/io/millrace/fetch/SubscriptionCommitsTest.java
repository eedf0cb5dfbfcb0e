package io.millrace.fetch;

import static io.millrace.fetch.SubscriptionWorld.commit;
import static io.millrace.fetch.SubscriptionWorld.name;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests the results of a subscription's commits. */
final class SubscriptionCommitsTest {

    private final SubscriptionWorld at = new SubscriptionWorld();
    private final Topic topic = at.topic;
    private final ScriptedGroup group = at.group;

    @Test
    void commitsAreAnsweredInTheirOrder() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.says(commit(1, 0, 5));
        client.says(commit(2, 0, 6));
        at.onLoop(() -> group.answer(1, new RowOutcome.Accepted()));
        assertThat(client.reported(SubscriberResponse.Committed.class)).isEmpty();

        at.onLoop(() -> group.answer(0, new RowOutcome.Accepted()));

        assertThat(client.reported(SubscriberResponse.Committed.class))
                .containsExactly(
                        new SubscriberResponse.Committed(1, Optional.empty()),
                        new SubscriberResponse.Committed(2, Optional.empty()));
        assertThat(group.commits.getFirst().getFirst().committed().offset()).isEqualTo(5);
        assertThat(group.numbers).containsExactly(1L, 2L);
    }

    @Test
    void aCommitThatALaterOneReplacedIsSettledLikeOneThatCounts() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.says(commit(1, 0, 5));

        at.onLoop(() -> group.answer(0, new RowOutcome.Superseded()));

        assertThat(client.reported(SubscriberResponse.Committed.class))
                .containsExactly(new SubscriberResponse.Committed(1, Optional.empty()));
    }

    @Test
    void aRejectedCommitNamesThePartitionOfAnotherMember() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.says(
                new SubscriberRequest.Commit(
                        7,
                        List.of(
                                new SubscriberRequest.CommittedPosition(name(0), 5, ""),
                                new SubscriberRequest.CommittedPosition(name(3), 5, "")),
                        1));
        at.onLoop(() -> group.answer(0, new RowOutcome.Accepted()));

        Problem problem = client.last(SubscriberResponse.Committed.class).problem().orElseThrow();
        assertThat(problem.reason()).isEqualTo(Reason.PARTITION_NOT_LEASED);
        assertThat(problem.details())
                .containsEntry("topic", "orders")
                .containsEntry("partition", "3");
        assertThat(group.commits.getFirst()).hasSize(1);
    }

    @Test
    void aCommitThatIsRejectedSaysWhy() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.says(commit(1, 0, 5));
        client.says(commit(2, 0, 6));

        at.onLoop(() -> group.answer(0, new RowOutcome.Rejected(Reason.STALE_GENERATION)));
        at.onLoop(() -> group.fail(1, new Problem(Reason.METADATA_UNAVAILABLE, "away")));

        assertThat(client.reported(SubscriberResponse.Committed.class))
                .extracting(response -> response.problem().orElseThrow().reason())
                .containsExactly(Reason.STALE_GENERATION, Reason.METADATA_UNAVAILABLE);
    }

    @Test
    void tooManyCommitsAtOnceAreRefused() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        for (int i = 0; i <= 1000; i++) {
            client.says(commit(i, 0, i));
        }
        assertThat(group.commits).hasSize(1000);

        for (int i = 0; i < 1000; i++) {
            int commit = i;
            at.onLoop(() -> group.answer(commit, new RowOutcome.Accepted()));
        }

        assertThat(client.last(SubscriberResponse.Committed.class).problem().orElseThrow().reason())
                .isEqualTo(Reason.OVERLOADED);
    }

    @Test
    void tooManyBytesOfCommitsAtOnceAreRefused() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        String text = "x".repeat(4096);
        for (int i = 0; i < 200; i++) {
            client.says(
                    new SubscriberRequest.Commit(
                            i,
                            List.of(new SubscriberRequest.CommittedPosition(name(0), i, text)),
                            i));
        }
        int taken = group.commits.size();
        assertThat(taken * 2 * text.length()).isBetween(1_000_000, 1_100_000);

        for (int i = 0; i < taken; i++) {
            int commit = i;
            at.onLoop(() -> group.answer(commit, new RowOutcome.Accepted()));
        }
        assertThat(client.last(SubscriberResponse.Committed.class).problem().orElseThrow().reason())
                .isEqualTo(Reason.OVERLOADED);

        client.says(commit(200, 0, 200));
        assertThat(group.commits).hasSize(taken + 1);
    }

    @Test
    void pendingCommitsAreAnsweredBeforeALeaveCompletes() {
        SubscribedClient client = at.client();
        at.onLoop(() -> group.assign(topic, 0));
        client.says(commit(1, 0, 5));
        client.says(new SubscriberRequest.Leave());
        assertThat(client.ended).isFalse();
        assertThat(group.left).isFalse();

        at.onLoop(() -> group.answer(0, new RowOutcome.Accepted()));

        assertThat(client.reported).endsWith(new SubscriberResponse.Committed(1, Optional.empty()));
        assertThat(group.left).isTrue();
        assertThat(client.ended).isTrue();
        assertThat(client.problem).isEmpty();
    }
}
