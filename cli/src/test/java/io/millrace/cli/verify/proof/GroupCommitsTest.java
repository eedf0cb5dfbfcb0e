package io.millrace.cli.verify.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupCommitsTest {

    private final GroupCommits commits = new GroupCommits(3, false);

    private static void assertViolation(@Nullable Violation found, String part) {
        Violation violation = Objects.requireNonNull(found, "no violation");
        assertThat(violation.kind()).isEqualTo(Violation.Kind.COMMIT);
        assertThat(violation.partition()).isEqualTo(3);
        assertThat(violation.message()).contains(part);
    }

    private void commit(long offset) {
        commits.committing(offset);
        commits.committed(offset);
    }

    @Test
    void aMemberThatContinuesAtItsCommitIsRight() {
        assertThat(commits.delivered(0, 10)).isNull();
        commit(10);
        assertThat(commits.delivered(10, 20)).isNull();
        commits.assigned();

        assertThat(commits.delivered(10, 25)).isNull();
        commit(25);
        assertThat(commits.observed(OptionalLong.of(25))).isNull();
    }

    @Test
    void aNewMemberThatMissesRecordsIsFound() {
        assertThat(commits.delivered(0, 10)).isNull();
        commit(10);
        commits.assigned();

        assertViolation(commits.delivered(11, 20), "did not receive the offsets 10 to 10");
    }

    @Test
    void aNewMemberMayContinueAtACommitWithoutAnAnswer() {
        assertThat(commits.delivered(0, 20)).isNull();
        commit(10);
        commits.committing(20);
        commits.assigned();

        assertThat(commits.delivered(20, 30)).isNull();
    }

    @Test
    void aNewMemberThatRepeatsCommittedRecordsIsFound() {
        assertThat(commits.delivered(0, 10)).isNull();
        commit(10);
        commits.assigned();

        assertViolation(commits.delivered(9, 20), "received offset 9 again");
    }

    @Test
    void aNewMemberCommitsNothingBeforeItsFirstDelivery() {
        assertThat(commits.committable()).isNegative();
        assertThat(commits.delivered(0, 20)).isNull();
        commit(10);
        assertThat(commits.committable()).isEqualTo(20);
        commits.assigned();

        assertThat(commits.committable()).isNegative();
        assertThat(commits.next()).isEqualTo(20);
        assertThat(commits.delivered(10, 15)).isNull();
        assertThat(commits.committable()).isEqualTo(15);
    }

    @Test
    void gapsAndRepetitionsOfOneMemberAreFound() {
        assertThat(commits.delivered(0, 10)).isNull();
        assertViolation(commits.delivered(12, 20), "did not receive the offsets 10 to 11");
        assertViolation(commits.delivered(5, 20), "received offset 5 again");
    }

    @Test
    void gapsAreExpectedWhereRecordsMayBeRemoved() {
        GroupCommits ofCompacted = new GroupCommits(3, true);
        assertThat(ofCompacted.delivered(0, 10)).isNull();
        assertThat(ofCompacted.delivered(50, 60)).isNull();
        assertViolation(ofCompacted.delivered(5, 20), "received offset 5 again");
    }

    @Test
    void aLostRevertedOrInventedCommitIsFound() {
        assertThat(commits.observed(OptionalLong.empty())).isNull();
        commit(10);
        assertViolation(commits.observed(OptionalLong.empty()), "is none");
        assertViolation(commits.observed(OptionalLong.of(9)), "is 9");
        assertViolation(commits.observed(OptionalLong.of(11)), "is 11");
        commits.committing(15);
        assertThat(commits.observed(OptionalLong.of(15))).isNull();
        assertViolation(commits.observed(OptionalLong.of(10)), "is 10");
    }
}
