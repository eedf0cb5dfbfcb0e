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
                event(Kind.BEGUN, 2, 0),
                event(Kind.HANDLED, 3, 10),
                last);
    }

    private void second(long nanos, long offset) {
        member(
                "second",
                event(Kind.ASSIGNED, nanos, offset),
                event(Kind.BEGUN, nanos + 1, offset),
                event(Kind.HANDLED, nanos + 2, offset + 5));
    }

    @Test
    void whoGoesOnWhereTheOneBeforeEndedDoesRight() {
        first(event(Kind.GIVEN_UP, 4, 0));
        second(5, 10);

        assertThat(history.violation()).isEmpty();
        assertThat(history.handledTo(0)).isEqualTo(15);
        assertThat(history.tenancies()).isEqualTo(2);
    }

    @Test
    void whoGaveUpInOrderHasCommitted() {
        first(event(Kind.GIVEN_UP, 4, 0));
        second(5, 8);

        assertThat(history.violation()).hasValueSatisfying(what -> assertThat(what).contains("10"));
    }

    @Test
    void whoLostItOrWasKilledMayNotHaveCommitted() {
        first(event(Kind.LOST, 4, 0));
        second(5, 8);
        assertThat(history.violation()).isEmpty();

        GroupHistory other = new GroupHistory();
        other.add("a", List.of(event(Kind.ASSIGNED, 1, 0), event(Kind.GIVEN_UP, 2, 0)));
        other.killed("a");
        assertThat(other.violation()).isEmpty();
    }

    @Test
    void nobodyBeginsBehindWhatWasHandled() {
        first(event(Kind.LOST, 4, 0));
        second(5, 11);

        assertThat(history.violation()).isPresent();
        assertThat(history.handledTo(0)).isEqualTo(10);
    }

    @Test
    void nobodyBeginsAnythingAfterTheNextOneBegan() {
        first(event(Kind.BEGUN, 7, 10));
        second(5, 10);

        assertThat(history.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("is after the start of"));
    }

    @Test
    void whatAMemberHandlesHasNoGaps() {
        first(event(Kind.BEGUN, 4, 11));

        assertThat(history.violation())
                .hasValueSatisfying(what -> assertThat(what).contains("does not follow"));
    }

    @Test
    void eventsComeBackFromTheirLines() {
        GroupEvent event = event(Kind.BEGUN, 123, 456);
        assertThat(GroupEvent.parse(event.toString())).isEqualTo(event);
    }
}
