package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ProducerMemoryTest {

    private final ProducerMemory budget = new ProducerMemory(100);

    @Test
    void memoryIsGrantedUpToTheLimit() {
        assertThat(budget.tryReserve(60)).isTrue();
        assertThat(budget.tryReserve(41)).isFalse();
        assertThat(budget.tryReserve(40)).isTrue();
        budget.release(100);
        assertThat(budget.reservedBytes()).isZero();
    }

    @Test
    void aRequestLargerThanTheLimitIsGrantedAlone() {
        assertThat(budget.tryReserve(1_000)).isTrue();
        assertThat(budget.tryReserve(1)).isFalse();
        budget.release(1_000);
        assertThat(budget.tryReserve(1)).isTrue();
        assertThat(budget.tryReserve(1_000)).isFalse();
    }

    @Test
    void thoseWhoWaitAreWokenByTheNextRelease() {
        budget.tryReserve(100);
        CompletableFuture<Void> waiting = budget.whenReleased();
        assertThat(waiting).isNotDone();
        budget.release(1);
        assertThat(waiting).isCompleted();
    }

    @Test
    void thereIsNoRoomForTheRejectedSize() {
        budget.tryReserve(90);
        assertThat(budget.whenAvailable()).isCompleted();
        assertThat(budget.tryReserve(20)).isFalse();
        CompletableFuture<Void> room = budget.whenAvailable();
        assertThat(room).isNotDone();
        budget.release(10);
        assertThat(room).isCompleted();
        assertThat(budget.whenAvailable()).isCompleted();
    }
}
