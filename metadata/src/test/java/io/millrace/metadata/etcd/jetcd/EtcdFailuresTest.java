package io.millrace.metadata.etcd.jetcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.etcd.EtcdException.Kind;
import java.net.ConnectException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EtcdFailuresTest {

    private static final URI URI_OF_MEMBER = URI.create("http://127.0.0.1:2379");

    private final Endpoint member =
            new Endpoint(
                    URI_OF_MEMBER,
                    EtcdSettings.of(List.of(URI_OF_MEMBER), Optional.empty(), Optional.empty()));

    @AfterEach
    void close() {
        member.close();
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, etcdserver: request timed out, UNAVAILABLE",
        "UNAVAILABLE, etcdserver: no leader, UNAVAILABLE",
        "UNAVAILABLE, etcdserver: leader changed, UNAVAILABLE",
        "DEADLINE_EXCEEDED, context deadline exceeded, UNAVAILABLE",
        "CANCELLED, cancelled, UNAVAILABLE",
        "INTERNAL, Received Rst stream, UNAVAILABLE",
        "UNKNOWN, what is this, UNAVAILABLE",
        "FAILED_PRECONDITION, etcdserver: not leader, UNAVAILABLE",
        "RESOURCE_EXHAUSTED, etcdserver: too many requests, UNAVAILABLE",
        "UNAUTHENTICATED, etcdserver: invalid auth token, UNAVAILABLE",
        "INVALID_ARGUMENT, etcdserver: revision of auth store is old, UNAVAILABLE",
        "RESOURCE_EXHAUSTED, etcdserver: mvcc: database space exceeded, NO_SPACE",
        "OUT_OF_RANGE, etcdserver: mvcc: required revision has been compacted, COMPACTED",
        "OUT_OF_RANGE, etcdserver: mvcc: required revision is a future revision, REJECTED",
        "RESOURCE_EXHAUSTED, grpc: received message larger than max (9 vs. 8), REJECTED",
        "INVALID_ARGUMENT, etcdserver: request is too large, REJECTED",
        "INVALID_ARGUMENT, etcdserver: duplicate key given in txn request, REJECTED",
        "NOT_FOUND, etcdserver: requested lease not found, REJECTED",
        "UNAUTHENTICATED, 'etcdserver: authentication failed, invalid user ID or password', DENIED",
        "INVALID_ARGUMENT, etcdserver: user name is empty, DENIED",
        "PERMISSION_DENIED, etcdserver: permission denied, DENIED",
    })
    void aStatusOfEtcdIsAKindOfFailure(Status.Code code, String words, Kind kind) {
        EtcdException failure = EtcdFailures.of(member, code.toStatus().withDescription(words));

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessageContaining("127.0.0.1:2379").hasMessageContaining(words);
    }

    @Test
    void aCertificateThatIsNotAcceptedIsNoOutage() {
        Status status =
                Status.UNAVAILABLE
                        .withDescription("io exception")
                        .withCause(new SSLHandshakeException("bad_certificate"));

        assertThat(EtcdFailures.of(member, status).kind()).isEqualTo(Kind.DENIED);
        assertThat(EtcdFailures.of(member, status)).hasMessageContaining("bad_certificate");
    }

    @Test
    void theMessageSaysWhyThereIsNoConnection() {
        Status status =
                Status.UNAVAILABLE
                        .withDescription("io exception")
                        .withCause(new RuntimeException(new ConnectException("refused")));

        assertThat(EtcdFailures.of(member, status))
                .hasMessage("etcd at 127.0.0.1:2379 did not answer: io exception (refused)");
    }
}
