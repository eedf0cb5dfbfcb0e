package io.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;

class ServingStateTest {

    private final ServingState state = new ServingState();

    @Test
    void aServerIsReadyBetweenItsStartAndItsStop() {
        assertThat(state.isServing()).isFalse();
        state.started(Runnable::run, Optional::empty);
        assertThat(state.isServing()).isTrue();
        state.stopping();
        assertThat(state.isServing()).isFalse();
    }

    @Test
    void aDisputeBetweenTheNodesIsNamedAndTheServerIsNotReady() {
        state.started(Runnable::run, () -> Optional.of("digests 1 and 2"));

        HealthCheckResponse check = new ServingCheck(state).call();

        assertThat(check.getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
        assertThat(check.getData().orElseThrow()).containsEntry("dispute", "digests 1 and 2");
    }

    @Test
    void aServerWhoseEventLoopIsStuckIsNotReady() {
        state.started(task -> {}, Optional::empty);
        assertThat(state.isServing()).isFalse();
    }

    @Test
    void aServerWhoseEventLoopHasEndedIsNotReady() {
        state.started(
                task -> {
                    throw new RejectedExecutionException("the loop has ended");
                },
                Optional::empty);
        assertThat(state.isServing()).isFalse();
    }
}
