package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProducerMemoryTest {

    private final ProducerMemory budget = new ProducerMemory(100);

    @Test
    void itGivesUpToItsLimit() {
        assertThat(budget.tryTake(60)).isTrue();
        assertThat(budget.tryTake(41)).isFalse();
        assertThat(budget.tryTake(40)).isTrue();
        budget.release(100);
        assertThat(budget.heldBytes()).isZero();
    }

    @Test
    void whatIsLargerThanAllOfItIsTakenAlone() {
        assertThat(budget.tryTake(1_000)).isTrue();
        assertThat(budget.tryTake(1)).isFalse();
        budget.release(1_000);
        assertThat(budget.tryTake(1)).isTrue();
        assertThat(budget.tryTake(1_000)).isFalse();
    }

    @Test
    void thoseWhoWaitAreWokenByTheNextRelease() {
        budget.tryTake(100);
        CompletableFuture<Void> waiting = budget.whenReleased();
        assertThat(waiting).isNotDone();
        budget.release(1);
        assertThat(waiting).isCompleted();
    }

    @Test
    void thereIsNoRoomWhileWhatWasRefusedDoesNotFit() {
        budget.tryTake(90);
        assertThat(budget.whenRoom()).isCompleted();
        assertThat(budget.tryTake(20)).isFalse();
        CompletableFuture<Void> room = budget.whenRoom();
        assertThat(room).isNotDone();
        budget.release(10);
        assertThat(room).isCompleted();
        assertThat(budget.whenRoom()).isCompleted();
    }
}
