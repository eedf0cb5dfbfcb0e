package io.millrace.server.management;

import io.millrace.server.health.HealthReport;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** The check of {@code /health/live}. */
@Liveness
@Singleton
final class LiveCheck implements HealthCheck {

    private final ServingState state;

    @Inject
    LiveCheck(ServingState state) {
        this.state = state;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthResponses.of("live", HealthReport.live(state.facts()));
    }
}
