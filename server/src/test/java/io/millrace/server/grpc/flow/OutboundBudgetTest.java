package io.millrace.server.grpc.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboundBudgetTest {

    private static final int KIB = 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final OutboundBudget budget = new OutboundBudget(loop, 1000 * KIB, PATIENCE);
    private final List<String> happened = new ArrayList<>();

    @Test
    void maxResponseSizeShrinksWithTheRemainingBudget() {
        assertThat(budget.maxResponseBytes()).isEqualTo(250 * KIB);
        take("a", 600);
        assertThat(budget.maxResponseBytes()).isEqualTo(100 * KIB);
        take("b", 399);
        assertThat(budget.maxResponseBytes()).isEqualTo(64 * KIB);
    }

    @Test
    void atTheLimitFetchesWaitAndResumeInOrder() {
        OutboundBudget.UnreadResponse first = take("a", 500);
        OutboundBudget.UnreadResponse second = take("b", 500);
        assertThat(budget.hasRoom()).isFalse();
        budget.runWhenRoom(
                waiter(
                        7,
                        () -> {
                            happened.add("one");
                            take("c", 500);
                        }));
        budget.runWhenRoom(waiter(8, "two"));
        assertThat(happened).isEmpty();
        first.releaseBytes();
        assertThat(happened).containsExactly("one");
        second.releaseBytes();
        assertThat(happened).containsExactly("one", "two");
    }

    @Test
    void aResponseIsReleasedOnce() {
        OutboundBudget.UnreadResponse answer = take("a", 1000);
        answer.releaseBytes();
        answer.releaseBytes();
        take("b", 999);
        assertThat(budget.hasRoom()).isTrue();
        take("c", 1);
        assertThat(budget.hasRoom()).isFalse();
    }

    @Test
    void aCancelledFetchNeverRuns() {
        OutboundBudget.UnreadResponse answer = take("a", 1000);
        OutboundBudget.WaitingFetch waiter = waiter(7, "one");
        budget.runWhenRoom(waiter);
        budget.cancel(waiter);
        assertThat(budget.waitingFetches()).isZero();
        answer.releaseBytes();
        assertThat(happened).isEmpty();
    }

    @Test
    void whileFetchesWaitStalledResponsesAreCutOffAndOthersKept() {
        take("a", 600);
        loop.advance(PATIENCE.dividedBy(2));
        take("b", 600);
        budget.runWhenRoom(waiter(7, "one"));
        loop.advance(PATIENCE.dividedBy(2).minusMillis(1));
        assertThat(happened).isEmpty();
        loop.advance(Duration.ofMillis(2));
        assertThat(happened).containsExactly("a is cut off", "one");
    }

    @Test
    void whileNoFetchWaitsNoResponseIsCutOff() {
        take("a", 2000);
        loop.advance(PATIENCE.multipliedBy(10));
        assertThat(happened).isEmpty();
    }

    @Test
    void aLaterWaitCutsOffResponsesThatAreAlreadyStalled() {
        take("a", 2000);
        loop.advance(PATIENCE.multipliedBy(10));
        budget.runWhenRoom(waiter(7, "one"));
        loop.advance(Duration.ZERO);
        assertThat(happened).containsExactly("a is cut off", "one");
    }

    @Test
    void connectionsWithoutUnreadResponsesAreServedFirst() {
        OutboundBudget.UnreadResponse first = take("a", 500);
        take("b", 500);
        budget.runWhenRoom(waiter("b".hashCode(), "more of b"));
        budget.runWhenRoom(
                waiter(
                        7,
                        () -> {
                            happened.add("seven");
                            take("c", 500);
                        }));
        first.releaseBytes();
        assertThat(happened).containsExactly("seven");
    }

    @Test
    void furtherFetchesOfAStalledConnectionAreRejected() {
        take("a", 1000);
        budget.runWhenRoom(waiter("a".hashCode(), "more of a"));
        budget.runWhenRoom(waiter(7, "one"));
        loop.advance(PATIENCE);
        assertThat(happened).containsExactly("more of a is refused", "a is cut off", "one");
    }

    private OutboundBudget.WaitingFetch waiter(long connection, String name) {
        return new OutboundBudget.WaitingFetch(
                connection, () -> happened.add(name), () -> happened.add(name + " is refused"));
    }

    private static OutboundBudget.WaitingFetch waiter(long connection, Runnable go) {
        return new OutboundBudget.WaitingFetch(connection, go, () -> {});
    }

    private OutboundBudget.UnreadResponse take(String name, int kib) {
        return budget.add(name.hashCode(), kib * KIB, () -> happened.add(name + " is cut off"));
    }
}
