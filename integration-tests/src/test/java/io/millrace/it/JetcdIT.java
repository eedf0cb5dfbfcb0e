package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdCertificate;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.metadata.etcd.EtcdException.Kind;
import io.millrace.metadata.etcd.EtcdMember;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.metadata.etcd.RecordedChanges;
import io.millrace.metadata.etcd.jetcd.EtcdSettings;
import io.millrace.metadata.etcd.jetcd.EtcdTls;
import io.millrace.metadata.etcd.jetcd.EtcdUser;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cases of the etcd client beyond the contract: security, unresponsive etcd servers, large data.
 */
class JetcdIT {

    private static final long SEED = 1;
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

    @TempDir private Path folder;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ThreadedEventLoop own = new ThreadedEventLoop();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
        own.close();
    }

    private EtcdServer opened(EtcdServer server) {
        open.add(server);
        return server;
    }

    private Etcd client(List<URI> endpoints, Optional<EtcdTls> tls, Optional<EtcdUser> user) {
        Etcd etcd =
                JetcdEtcd.open(
                        new EtcdSettings(endpoints, tls, user, CALL_TIMEOUT, CALL_TIMEOUT),
                        own.loop,
                        new SplittableRandom(SEED));
        open.add(() -> own.run(etcd::close));
        return etcd;
    }

    private Etcd client(List<URI> endpoints) {
        return client(endpoints, Optional.empty(), Optional.empty());
    }

    private static CompletableFuture<Etcd.TxnResult> put(Etcd etcd, String key) {
        return etcd.txn(List.of(), List.of(new Etcd.Op.Put(key, new byte[1])), List.of());
    }

    /** Puts a key and returns the error; empty if there is none. */
    private Optional<EtcdException> tryPut(Etcd etcd) {
        return own.call(() -> put(etcd, "/a").handle((done, failure) -> failureOf(failure)));
    }

    private static Optional<EtcdException> failureOf(@Nullable Throwable failure) {
        return Optional.ofNullable((EtcdException) failure);
    }

    private RecordedChanges watch(Etcd etcd, long fromRevision) {
        RecordedChanges received = new RecordedChanges();
        own.run(() -> etcd.watch("/", "0", fromRevision, true, received));
        return received;
    }

    private Optional<Kind> kindOf(Optional<EtcdException> failure) {
        return failure.map(EtcdException::kind);
    }

    @Test
    void mutualTls() throws Exception {
        EtcdCertificate certificate = EtcdCertificate.make(folder.resolve("known"));
        EtcdCertificate stranger = EtcdCertificate.make(folder.resolve("stranger"));
        EtcdServer server = opened(EtcdServer.startEncrypted(folder, certificate));
        Etcd known = client(server.endpoints(), tls(certificate, certificate), Optional.empty());
        Etcd unknown = client(server.endpoints(), tls(certificate, stranger), Optional.empty());
        Etcd trustsOthers =
                client(server.endpoints(), tls(stranger, certificate), Optional.empty());

        assertThat(tryPut(known)).isEmpty();
        // The end of the connection can be visible before its reason.
        Eventually.await("a refusal", () -> kindOf(tryPut(unknown)).orElseThrow() == Kind.DENIED);
        assertThat(kindOf(tryPut(trustsOthers))).hasValue(Kind.DENIED);
    }

    private static Optional<EtcdTls> tls(EtcdCertificate authority, EtcdCertificate identity) {
        return Optional.of(
                new EtcdTls(
                        Optional.of(authority.certificate()),
                        Optional.of(new EtcdTls.Identity(identity.certificate(), identity.key()))));
    }

    @Test
    void authenticationRequiresThePassword() throws Exception {
        EtcdServer server = opened(EtcdServer.start(folder));
        String user = server.enableAuthentication("right");
        Etcd right = client(server.endpoints(), as(user, "right"));
        Etcd wrong = client(server.endpoints(), as(user, "wrong"));
        Etcd none = client(server.endpoints());

        assertThat(tryPut(right)).isEmpty();
        RecordedChanges received = watch(right, 1);
        assertThat(own.call(() -> received.changes(1))).containsExactly("put /a");
        assertThat(kindOf(tryPut(wrong))).hasValue(Kind.DENIED);
        assertThat(tryPut(wrong).orElseThrow().getMessage())
                .contains("invalid user ID or password");
        assertThat(kindOf(tryPut(none))).hasValue(Kind.DENIED);
        assertThat(own.call(watch(none, 1)::failure).kind()).isEqualTo(Kind.DENIED);
    }

    private Etcd client(List<URI> endpoints, EtcdUser user) {
        return client(endpoints, Optional.empty(), Optional.of(user));
    }

    private static EtcdUser as(String user, String password) {
        return new EtcdUser(user, password);
    }

    @Test
    void anInvalidatedTokenIsReplaced() throws Exception {
        EtcdServer server = opened(EtcdServer.start(folder));
        Etcd etcd = client(server.endpoints(), as(server.enableAuthentication("right"), "right"));
        assertThat(tryPut(etcd)).isEmpty();
        server.invalidateTokens("right");
        assertThat(kindOf(tryPut(etcd))).hasValue(Kind.UNAVAILABLE);
        assertThat(tryPut(etcd)).isEmpty();

        server.invalidateTokens("right");
        assertThat(own.call(watch(etcd, 1)::failure).kind()).isEqualTo(Kind.UNAVAILABLE);
        RecordedChanges received = watch(etcd, 1);
        assertThat(own.call(() -> received.changes(1))).startsWith("put /a");
    }

    @Test
    void anUnresponsiveServerCostsOneTimeout() throws Exception {
        EtcdServer server = opened(EtcdServer.start(folder, 3));
        Etcd etcd = client(server.endpoints());
        assertThat(tryPut(etcd)).isEmpty();
        EtcdMember hanging = firstAsked(server);
        hanging.pause();
        Optional<EtcdException> first = tryPut(etcd);
        RecordedChanges received = watch(etcd, 1);
        // On another etcd server now; a new leader may have to be elected first.
        while (tryPut(etcd).isPresent()) {
            own.pass(Duration.ofMillis(20));
        }
        hanging.resume();

        assertThat(kindOf(first)).hasValue(Kind.UNAVAILABLE);
        assertThat(own.call(() -> received.changes(1))).startsWith("put /a");
    }

    /**
     * Returns the etcd server to which the clients of this test connect first, by their random
     * numbers.
     */
    private static EtcdMember firstAsked(EtcdServer server) {
        List<EtcdMember> order = new ArrayList<>(server.members());
        Collections.shuffle(order, new SplittableRandom(SEED));
        return order.getFirst();
    }

    @Test
    void aWatchThatIsNotOpenedInTimeFails() throws Exception {
        EtcdServer server = opened(EtcdServer.start(folder));
        Etcd etcd = client(server.endpoints());
        assertThat(tryPut(etcd)).isEmpty();
        server.members().getFirst().pause();

        assertThat(own.call(watch(etcd, 1)::failure).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aWatchEndsWithItsServer() throws Exception {
        EtcdServer server = opened(EtcdServer.start(folder));
        Etcd etcd = client(server.endpoints());
        assertThat(tryPut(etcd)).isEmpty();
        RecordedChanges received = watch(etcd, 1);
        assertThat(own.call(() -> received.changes(1))).containsExactly("put /a");
        server.kill();

        assertThat(own.call(received::failure).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aWatchCatchesUpOverSeveralMessages() throws Exception {
        EtcdServer server = opened(EtcdServer.start(folder));
        Etcd etcd = client(server.endpoints());
        byte[] noise = new byte[1 << 20];
        for (int i = 0; i < 40; i++) {
            Etcd.Op put = new Etcd.Op.Put("/" + i, noise);
            own.call(() -> etcd.txn(List.of(), List.of(put), List.of()));
        }
        RecordedChanges received = watch(etcd, 1);

        assertThat(own.call(() -> received.changes(40))).hasSize(40);
    }
}
