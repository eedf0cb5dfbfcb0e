package io.millrace.kafka.connection;

import io.millrace.security.principal.Caller;
import java.util.Optional;

/** Identities of clients in tests. */
public final class TestIdentities {

    /** Every client is anonymous. */
    public static final ClientIdentity.Source ANONYMOUS =
            channel -> new Fixed(Optional.of(Caller.anonymous("127.0.0.1")));

    /** No client is authenticated. */
    public static final ClientIdentity.Source UNAUTHENTICATED =
            channel -> new Fixed(Optional.empty());

    private TestIdentities() {}

    private record Fixed(Optional<Caller> caller) implements ClientIdentity {

        @Override
        public Optional<SaslExchange> sasl() {
            return Optional.empty();
        }

        @Override
        public void refused(String api) {}
    }
}
