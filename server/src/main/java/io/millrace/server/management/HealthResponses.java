package io.millrace.server.management;

import io.millrace.server.health.HealthReport;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Translates reports into responses of MicroProfile Health, with the reasons as data. */
final class HealthResponses {

    private HealthResponses() {}

    static HealthCheckResponse of(String name, HealthReport report) {
        HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(report.isUp());
        report.reasons().forEach(response::withData);
        return response.build();
    }
}
