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
    void theLessIsLeftTheSmallerAreTheAnswers() {
        assertThat(budget.largestAnswerBytes()).isEqualTo(250 * KIB);
        take("a", 600);
        assertThat(budget.largestAnswerBytes()).isEqualTo(100 * KIB);
        take("b", 399);
        assertThat(budget.largestAnswerBytes()).isEqualTo(64 * KIB);
    }

    @Test
    void atTheLimitFetchesWaitAndGoOnInTheirOrder() {
        OutboundBudget.Answer first = take("a", 500);
        OutboundBudget.Answer second = take("b", 500);
        assertThat(budget.hasRoom()).isFalse();
        budget.whenRoom(
                waiter(
                        7,
                        () -> {
                            happened.add("one");
                            take("c", 500);
                        }));
        budget.whenRoom(waiter(8, "two"));
        assertThat(happened).isEmpty();
        first.gone();
        assertThat(happened).containsExactly("one");
        second.gone();
        assertThat(happened).containsExactly("one", "two");
    }

    @Test
    void anAnswerIsGivenBackOnce() {
        OutboundBudget.Answer answer = take("a", 1000);
        answer.gone();
        answer.gone();
        take("b", 999);
        assertThat(budget.hasRoom()).isTrue();
        take("c", 1);
        assertThat(budget.hasRoom()).isFalse();
    }

    @Test
    void whatIsForgottenNeverRuns() {
        OutboundBudget.Answer answer = take("a", 1000);
        OutboundBudget.Waiter waiter = waiter(7, "one");
        budget.whenRoom(waiter);
        budget.forget(waiter);
        assertThat(budget.waiting()).isZero();
        answer.gone();
        assertThat(happened).isEmpty();
    }

    @Test
    void whereSomeWaitTheOldestAnswersAreCutOffAndOthersAreKept() {
        take("a", 600);
        loop.advance(PATIENCE.dividedBy(2));
        take("b", 600);
        budget.whenRoom(waiter(7, "one"));
        loop.advance(PATIENCE.dividedBy(2).minusMillis(1));
        assertThat(happened).isEmpty();
        loop.advance(Duration.ofMillis(2));
        assertThat(happened).containsExactly("a is cut off", "one");
    }

    @Test
    void whileNobodyWaitsNoAnswerIsCutOff() {
        take("a", 2000);
        loop.advance(PATIENCE.multipliedBy(10));
        assertThat(happened).isEmpty();
    }

    @Test
    void aWaitThatBeginsLaterCutsOffWhatIsOldAlready() {
        take("a", 2000);
        loop.advance(PATIENCE.multipliedBy(10));
        budget.whenRoom(waiter(7, "one"));
        loop.advance(Duration.ZERO);
        assertThat(happened).containsExactly("a is cut off", "one");
    }

    @Test
    void connectionsThatTookWhatTheyAskedForComeFirst() {
        OutboundBudget.Answer first = take("a", 500);
        take("b", 500);
        budget.whenRoom(waiter("b".hashCode(), "more of b"));
        budget.whenRoom(
                waiter(
                        7,
                        () -> {
                            happened.add("seven");
                            take("c", 500);
                        }));
        first.gone();
        assertThat(happened).containsExactly("seven");
    }

    @Test
    void whatElseAConnectionWantsThatDoesNotReadIsRefused() {
        take("a", 1000);
        budget.whenRoom(waiter("a".hashCode(), "more of a"));
        budget.whenRoom(waiter(7, "one"));
        loop.advance(PATIENCE);
        assertThat(happened).containsExactly("more of a is refused", "a is cut off", "one");
    }

    private OutboundBudget.Waiter waiter(long connection, String name) {
        return new OutboundBudget.Waiter(
                connection, () -> happened.add(name), () -> happened.add(name + " is refused"));
    }

    private static OutboundBudget.Waiter waiter(long connection, Runnable go) {
        return new OutboundBudget.Waiter(connection, go, () -> {});
    }

    private OutboundBudget.Answer take(String name, int kib) {
        return budget.take(name.hashCode(), kib * KIB, () -> happened.add(name + " is cut off"));
    }
}
