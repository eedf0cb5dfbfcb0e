package io.millrace.server.management;

import io.millrace.server.health.HealthReport;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** The check of {@code /health/started}. */
@Startup
@Singleton
final class StartedCheck implements HealthCheck {

    private final ServingState state;

    @Inject
    StartedCheck(ServingState state) {
        this.state = state;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthResponses.of("started", HealthReport.started(state.facts()));
    }
}
