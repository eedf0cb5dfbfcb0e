package io.millrace.server.http;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** A readiness check of {@code /health/ready}. */
@Readiness
@Singleton
final class ServingCheck implements HealthCheck {

    private final ServingState state;

    @Inject
    ServingCheck(ServingState state) {
        this.state = state;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder check = HealthCheckResponse.named("serving");
        Optional<String> dispute = state.dispute();
        dispute.ifPresent(why -> check.withData("dispute", why));
        return check.status(dispute.isEmpty() && state.isServing()).build();
    }
}
