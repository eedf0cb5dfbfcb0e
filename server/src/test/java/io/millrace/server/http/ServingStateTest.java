package io.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ServingStateTest {

    private final ServingState state = new ServingState();

    @Test
    void aServerIsReadyBetweenItsStartAndItsStop() {
        assertThat(state.isServing()).isFalse();
        state.started(Runnable::run);
        assertThat(state.isServing()).isTrue();
        state.stopping();
        assertThat(state.isServing()).isFalse();
    }

    @Test
    void aServerWhoseEventLoopIsStuckIsNotReady() {
        state.started(task -> {});
        assertThat(state.isServing()).isFalse();
    }

    @Test
    void aServerWhoseEventLoopHasEndedIsNotReady() {
        state.started(task -> {
            throw new RejectedExecutionException("the loop has ended");
        });
        assertThat(state.isServing()).isFalse();
    }
}
