package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.invariant.KafkaGroupCheck.Commit;
import io.millrace.simulation.world.Violations;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class KafkaGroupCheckTest {

    private static final int PARTITION = 3;

    private final Violations violations = new Violations();
    private final KafkaGroupCheck check = new KafkaGroupCheck(violations);

    private Commit accept(String member, int generation) {
        Commit commit = check.sent(member, generation, PARTITION);
        check.accepted(commit);
        return commit;
    }

    @Test
    void acceptsCommitsOfMembersInTheOrderOfGenerations() {
        check.assigned("a", 1, PARTITION);
        accept("a", 1);
        accept("a", 1);
        check.assigned("b", 2, PARTITION);
        Commit last = accept("b", 2);
        check.fetching().received(PARTITION, last.offset());

        assertThat(violations.first()).isNull();
    }

    @Test
    void acceptsACommitThatArrivesBeforeTheOneOfTheNextGeneration() {
        Commit early = check.sent("a", 1, PARTITION);
        accept("b", 2);
        check.accepted(early);

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAnAssignmentOfOnePartitionToTwoMembers() {
        check.assigned("a", 1, PARTITION);
        check.assigned("b", 1, PARTITION);

        assertThat(violations.first()).contains("is assigned to a and to b in generation 1");
    }

    @Test
    void detectsAcceptedCommitsOfTwoMembersInOneGeneration() {
        accept("a", 1);
        accept("b", 1);

        assertThat(violations.first()).contains("is accepted, as was a commit of a");
    }

    @Test
    void detectsAnAcceptedCommitOfAnOldGeneration() {
        accept("b", 2);
        accept("a", 1);

        assertThat(violations.first()).contains("was sent after the acceptance of");
    }

    @Test
    void detectsALostCommit() {
        Commit first = accept("a", 1);
        accept("a", 1);
        check.fetching().received(PARTITION, first.offset());

        assertThat(violations.first()).contains("was accepted before");
    }

    @Test
    void acceptsACommitWhoseOutcomeIsUnknown() {
        Commit unknown = check.sent("a", 1, PARTITION);
        accept("a", 1);
        check.fetching().received(PARTITION, unknown.offset());

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsARejectedCommitThatCounts() {
        Commit rejected = check.sent("a", 1, PARTITION);
        check.rejected(rejected);
        accept("a", 1);
        check.fetching().received(PARTITION, rejected.offset());

        assertThat(violations.first()).contains("was accepted before");
    }
}
