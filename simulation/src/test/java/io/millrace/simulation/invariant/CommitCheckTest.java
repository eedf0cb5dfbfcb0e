package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.Violations;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class CommitCheckTest {

    private static final PartitionId KEY = new PartitionId(1, 0);
    private static final String NONE = "";

    private final Violations violations = new Violations();
    private final CommitCheck check =
            new CommitCheck(
                    new SimulatedEventLoop(),
                    (what, who, key, offset) -> {},
                    violations,
                    counts -> {});
    private long entry;

    private SentCommit sent(String member, long number, long offset) {
        return sent(member, number, offset, OneLease.GENERATION);
    }

    private SentCommit sent(String member, long number, long offset, int reported) {
        return check.sent(KEY, offset, member.hashCode(), member, number, reported);
    }

    private SentCommit reset(long offset) {
        return check.sent(KEY, offset, SentCommit.RESET, "", 0, 0);
    }

    private void counts(String holder, SentCommit commit) {
        entry++;
        check.applied(0, group(holder, commit), entry);
    }

    private static Group group(String holder, SentCommit commit) {
        return OneLease.of(KEY, holder, commit);
    }

    @Test
    void acceptsCommitsOfSuccessiveHolders() {
        counts("a", sent("a", 1, 10));
        SentCommit back = sent("a", 2, 5);
        counts("a", back);
        counts("b", back);
        counts("b", sent("b", 1, 7));
        check.applied(1, group("b", back), entry - 1);

        assertThat(violations.first()).isNull();
    }

    private static Optional<CommittedOffset> at(SentCommit commit) {
        return Optional.of(new CommittedOffset(commit.offset(), -1, commit.text()));
    }

    @Test
    void acceptsAMemberThatContinuesAtTheCommit() {
        check.assigned("b", 2, KEY, Optional.empty(), 0);
        SentCommit commit = sent("a", 1, 10);
        counts("a", commit);
        check.assigned("b", 2, KEY, at(commit), 0);

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAMemberThatContinuesAtAnEarlierCommit() {
        SentCommit earlier = sent("a", 1, 10);
        counts("a", earlier);
        counts("a", sent("a", 2, 12));
        check.assigned("b", 2, KEY, at(earlier), 0);

        assertThat(violations.first()).contains("but the group is at");
    }

    @Test
    void detectsAMemberThatStartsAgain() {
        counts("a", sent("a", 1, 10));
        check.assigned("b", 2, KEY, Optional.empty(), 0);

        assertThat(violations.first()).contains("but the group is at");
    }

    @Test
    void detectsAMemberThatStartsAfterTheLogStart() {
        check.assigned("b", 2, KEY, Optional.of(new CommittedOffset(7, -1, "")), 6);

        assertThat(violations.first()).contains("but the group is at null");
    }

    @Test
    void detectsACommitWithoutTheLease() {
        counts("a", sent("a", 1, 10));
        counts("a", sent("b", 1, 12));

        assertThat(violations.first()).contains("by member b counts");
    }

    @Test
    void detectsACommitUnderAFormerLease() {
        counts("a", sent("a", 1, 10));
        counts("a", sent("a", 2, 12, OneLease.GENERATION - 1));

        assertThat(violations.first()).contains("by member a counts");
    }

    @Test
    void detectsACommitAfterANewerOne() {
        SentCommit late = sent("a", 1, 10);
        counts("a", sent("a", 2, 12));
        counts("a", late);

        assertThat(violations.first()).contains("counts after number 2");
    }

    @Test
    void detectsACommitThatCountsTwice() {
        SentCommit first = sent("a", 1, 10);
        counts("a", first);
        counts("b", sent("b", 1, 12));
        counts("a", first);

        assertThat(violations.first()).contains("counts for the second time");
    }

    @Test
    void detectsAnOffsetThatWasNotSent() {
        SentCommit sent = sent("a", 1, 10);
        counts("a", new SentCommit(sent.text(), KEY, 11, sent.process(), "a", 1, 1, 0));

        assertThat(violations.first()).contains("which no member sent");
    }

    @Test
    void detectsALostCommit() {
        counts("a", sent("a", 1, 10));
        check.applied(0, null, 2);

        assertThat(violations.first()).contains("is lost with entry");
    }

    @Test
    void detectsAResetOfAGroupWithMembers() {
        counts("a", sent("a", 1, 10));
        counts("a", reset(3));

        assertThat(violations.first()).contains("by a reset counts");
    }

    @Test
    void acceptsAResetOfAGroupWithoutMembers() {
        SentCommit last = sent("a", 1, 10);
        counts("a", last);
        counts(NONE, last);
        counts(NONE, reset(3));

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsANodeWithADifferentCommit() {
        SentCommit first = sent("a", 1, 10);
        counts("a", first);
        counts("a", sent("a", 2, 12));
        check.applied(1, group("a", first), entry);

        assertThat(violations.first()).contains("node 1 has ");
    }

    @Test
    void detectsAnAcknowledgedCommitThatNeverCounted() {
        SentCommit lost = sent("a", 2, 12);
        counts("a", sent("a", 1, 10));
        check.answered(lost, new RowOutcome.Accepted());

        assertThat(violations.first()).contains("was acknowledged, but never counted");
    }

    @Test
    void acceptsARejectedCommitWithoutEffect() {
        check.answered(sent("a", 1, 12), new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED));

        assertThat(violations.first()).isNull();
    }
}
