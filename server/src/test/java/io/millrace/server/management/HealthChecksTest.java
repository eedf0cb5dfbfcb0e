package io.millrace.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.health.HealthFacts;
import io.millrace.server.health.HealthFacts.Phase;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class HealthChecksTest {

    private final ServingState state = new ServingState();

    @Test
    void theChecksFollowTheLifeOfTheProcess() {
        HealthCheckResponse starting = new ReadyCheck(state).call();
        assertThat(starting.getStatus()).isEqualTo(Status.DOWN);
        assertThat(starting.getData().orElseThrow()).containsOnlyKeys("state");
        assertThat(new StartedCheck(state).call().getStatus()).isEqualTo(Status.DOWN);
        assertThat(new LiveCheck(state).call().getStatus()).isEqualTo(Status.UP);

        state.started(() -> HealthFacts.of(Phase.SERVING));
        assertThat(new ReadyCheck(state).call().getStatus()).isEqualTo(Status.UP);
        assertThat(new StartedCheck(state).call().getStatus()).isEqualTo(Status.UP);

        state.stopping();
        assertThat(new ReadyCheck(state).call().getStatus()).isEqualTo(Status.DOWN);
        assertThat(new StartedCheck(state).call().getStatus()).isEqualTo(Status.UP);
        assertThat(new LiveCheck(state).call().getStatus()).isEqualTo(Status.UP);
    }
}
