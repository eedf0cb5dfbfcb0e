package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tests that the checks detect violations. */
final class GroupProgressTest {

    private final GroupProgress group = new GroupProgress("group", 1);
    private final GroupProgress.Member first = group.new Member();
    private final GroupProgress.Member second = group.new Member();

    private static void read(GroupProgress.Member member, long offset) {
        member.read(0, offset, Long.toString(offset));
    }

    @Test
    void acceptsRecordsThatAreReadAgainByAnotherMember() {
        read(first, 0);
        read(first, 1);
        first.drop(0);
        read(second, 1);
        read(second, 2);
        second.drop(0);
        read(first, 3);

        assertThat(group.violations()).isEmpty();
        assertThat(group.processed()).containsExactly(4);
    }

    @Test
    void detectsAGap() {
        read(first, 0);
        read(first, 2);

        assertThat(group.violations()).first().asString().contains("offset 2", "instead of 1");
    }

    @Test
    void detectsACommitOfWhatWasNotProcessed() {
        read(first, 0);
        read(second, 2);

        assertThat(group.violations()).first().asString().contains("offset 2", "none from 1 on");
    }

    @Test
    void detectsAnotherRecordAtAnOffset() {
        first.read(0, 0, "7");

        assertThat(group.violations()).first().asString().contains("has the record 7");
    }
}
