package io.millrace.kafka.auth;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.kafka.connection.SaslExchange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Authenticates a connection. After a rejection, the connection is closed. A request out of turn
 * closes the connection only if the client has to authenticate.
 */
public final class SaslAuthenticateHandler
        implements ApiHandler<SaslAuthenticateRequestData, SaslAuthenticateResponseData> {

    @Override
    public ApiKeys api() {
        return ApiKeys.SASL_AUTHENTICATE;
    }

    @Override
    public boolean allowsUnauthenticated() {
        return true;
    }

    @Override
    public CompletableFuture<SaslAuthenticateResponseData> handle(
            RequestContext context, SaslAuthenticateRequestData request) {
        Optional<SaslExchange> sasl = context.connection().identity().sasl();
        SaslExchange.Step step =
                sasl.isPresent()
                        ? sasl.get().step(request.authBytes())
                        : new SaslExchange.Step.NotBegun();
        return CompletableFuture.completedFuture(
                switch (step) {
                    case SaslExchange.Step.Accepted(byte[] answer, long lifetimeMs) ->
                            new SaslAuthenticateResponseData()
                                    .setAuthBytes(answer)
                                    .setSessionLifetimeMs(lifetimeMs);
                    case SaslExchange.Step.Continued(byte[] answer) ->
                            new SaslAuthenticateResponseData().setAuthBytes(answer);
                    case SaslExchange.Step.Rejected(String message) -> {
                        context.whenEnded(context.connection()::close);
                        yield refuse(context, Errors.SASL_AUTHENTICATION_FAILED, message);
                    }
                    case SaslExchange.Step.NotBegun() -> {
                        if (context.connection().identity().caller().isEmpty()) {
                            context.whenEnded(context.connection()::close);
                        }
                        yield refuse(
                                context,
                                Errors.ILLEGAL_SASL_STATE,
                                "No SASL mechanism was selected by SaslHandshake, or the listener does not offer SASL.");
                    }
                });
    }

    private static SaslAuthenticateResponseData refuse(
            RequestContext context, Errors error, String message) {
        context.failed(error);
        return new SaslAuthenticateResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }
}
