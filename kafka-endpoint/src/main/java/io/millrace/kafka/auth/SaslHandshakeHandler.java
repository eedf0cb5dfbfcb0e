package io.millrace.kafka.auth;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.kafka.connection.SaslExchange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Selects the SASL mechanism of a connection. After version 0, the frames of the client are the
 * tokens of the mechanism, without requests around them.
 */
public final class SaslHandshakeHandler
        implements ApiHandler<SaslHandshakeRequestData, SaslHandshakeResponseData> {

    private static final short BARE_TOKENS = 0;

    @Override
    public ApiKeys api() {
        return ApiKeys.SASL_HANDSHAKE;
    }

    @Override
    public boolean allowsUnauthenticated() {
        return true;
    }

    @Override
    public CompletableFuture<SaslHandshakeResponseData> handle(
            RequestContext context, SaslHandshakeRequestData request) {
        SaslHandshakeResponseData answer = new SaslHandshakeResponseData();
        Optional<SaslExchange> sasl = context.connection().identity().sasl();
        Errors error = Errors.ILLEGAL_SASL_STATE;
        if (sasl.isPresent()) {
            answer.setMechanisms(sasl.get().mechanisms());
            error =
                    sasl.get().begin(request.mechanism(), context.version() == BARE_TOKENS)
                            ? Errors.NONE
                            : Errors.UNSUPPORTED_SASL_MECHANISM;
        }
        if (error != Errors.NONE) {
            context.failed(error);
        }
        return CompletableFuture.completedFuture(answer.setErrorCode(error.code()));
    }
}
