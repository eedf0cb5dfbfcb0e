package io.millrace.server.management;

import io.millrace.runtime.SystemAccess;
import io.millrace.server.settings.Setting;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Restricts the management port: health is open, and everything else follows {@link MetricsAccess}.
 */
@Singleton
@SystemAccess("passes the system clock to the token file")
final class ManagementAccess {

    /** Paths other than {@code /health} and those below it. */
    private static final String RESTRICTED = "^/(?!health(?:/|$)).*";

    private static final int UNAUTHORIZED = 401;

    private final Config config;

    @Inject
    ManagementAccess(Config config) {
        this.config = config;
    }

    void restrict(@Observes ManagementInterface management) {
        switch (access()) {
            case MetricsAccess.Open open -> {}
            case MetricsAccess.Closed closed ->
                    management
                            .router()
                            .routeWithRegex(RESTRICTED)
                            .order(Integer.MIN_VALUE)
                            .handler(request ->
                                    reject(
                                            request,
                                            "Clients are authenticated, but there is no token for metrics: set millrace.metrics-token-file."));
            case MetricsAccess.ByToken(var file) ->
                    management
                            .router()
                            .routeWithRegex(RESTRICTED)
                            .order(Integer.MIN_VALUE)
                            .blockingHandler(request -> check(request, file), false);
        }
    }

    private MetricsAccess access() {
        return MetricsAccess.of(
                text(Setting.METRICS_TOKEN_FILE.key())
                        .map(path -> new MetricsTokenFile(Path.of(path), System::nanoTime)),
                text("millrace.auth").filter(methods -> !methods.equals("none")).isPresent());
    }

    private Optional<String> text(String key) {
        return config.getOptionalValue(key, String.class).filter(text -> !text.isBlank());
    }

    private static void check(RoutingContext request, MetricsTokenFile file) {
        String authorization = request.request().getHeader("Authorization");
        if (authorization != null && file.allows(authorization)) {
            request.next();
        } else {
            reject(
                    request,
                    "Metrics need the token of millrace.metrics-token-file: send it in the header Authorization: Bearer TOKEN.");
        }
    }

    private static void reject(RoutingContext request, String sentence) {
        request.response()
                .setStatusCode(UNAUTHORIZED)
                .putHeader("WWW-Authenticate", "Bearer")
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(sentence + "\n");
    }
}
