package io.millrace.server.management;

import io.millrace.server.health.HealthReport;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** The check of {@code /health/ready}. */
@Readiness
@Singleton
final class ReadyCheck implements HealthCheck {

    private final ServingState state;

    @Inject
    ReadyCheck(ServingState state) {
        this.state = state;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthResponses.of("ready", HealthReport.ready(state.facts()));
    }
}
