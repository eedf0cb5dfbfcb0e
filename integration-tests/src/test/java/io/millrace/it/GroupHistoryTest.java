package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.GroupEvent.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupHistoryTest {

    private final GroupHistory history = new GroupHistory();

    private static GroupEvent event(Kind kind, long nanos, long offset) {
        return new GroupEvent(kind, nanos, 0, offset);
    }

    private void member(String name, GroupEvent... events) {
        history.add(name, List.of(events));
    }

    private void first(GroupEvent last) {
        member(
                "first",
                event(Kind.ASSIGNED, 1, 0),
                event(Kind.BATCH_RECEIVED, 2, 0),
                event(Kind.HANDLED, 3, 10),
                last);
    }

    private void second(long nanos, long offset) {
        member(
                "second",
                event(Kind.ASSIGNED, nanos, offset),
                event(Kind.BATCH_RECEIVED, nanos + 1, offset),
                event(Kind.HANDLED, nanos + 2, offset + 5));
    }

    @Test
    void aSuccessorMayContinueAtTheEndOfItsPredecessor() {
        first(event(Kind.RELEASED, 4, 0));
        second(5, 10);

        assertThat(history.violation()).isEmpty();
        assertThat(history.handledTo(0)).isEqualTo(15);
        assertThat(history.ownerships()).isEqualTo(2);
    }

    @Test
    void aProperReleaseImpliesACommit() {
        first(event(Kind.RELEASED, 4, 0));
        second(5, 8);

        assertThat(history.violation()).hasValueSatisfying(what -> assertThat(what).contains("10"));
    }

    @Test
    void aLossOrKillDoesNotImplyACommit() {
        first(event(Kind.LOST, 4, 0));
        second(5, 8);
        assertThat(history.violation()).isEmpty();

        GroupHistory other = new GroupHistory();
        other.add("a", List.of(event(Kind.ASSIGNED, 1, 0), event(Kind.RELEASED, 2, 0)));
        other.killed("a");
        assertThat(other.violation()).isEmpty();
    }

    @Test
    void startAfterTheHandledRecordsIsAViolation() {
        first(event(Kind.LOST, 4, 0));
        second(5, 11);

        assertThat(history.violation()).isPresent();
        assertThat(history.handledTo(0)).isEqualTo(10);
    }

    @Test
    void batchAfterTheSuccessorsFirstOneIsAViolation() {
        first(event(Kind.BATCH_RECEIVED, 7, 10));
        second(5, 10);

        assertThat(history.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("is after the start of"));
    }

    @Test
    void gapInTheHandledRecordsIsAViolation() {
        first(event(Kind.BATCH_RECEIVED, 4, 11));

        assertThat(history.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("does not follow"));
    }

    @Test
    void eventsAreParsedFromTheirLines() {
        GroupEvent event = event(Kind.BATCH_RECEIVED, 123, 456);
        assertThat(GroupEvent.parse(event.toString())).isEqualTo(event);
    }
}
