package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.log.LogException;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The secret of a cluster's nodes in etcd. */
final class EtcdNodeSecretTest {

    private static final String KEY = "/millrace/test/secret";
    private static final ClusterId IDENTITY =
            ClusterId.parse("0123456789abcdef0123456789abcdef").orElseThrow();

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final FakeEtcd etcd = new FakeEtcd(loop);

    @BeforeEach
    void aLogOfTheFirstGeneration() {
        put("/millrace/test/identity", IDENTITY.value());
        put("/millrace/test/generation", "0000000000000001");
    }

    private void put(String key, String value) {
        Etcd operator = etcd.client();
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        loop.call(() -> operator.txn(List.of(), List.of(new Etcd.Op.Put(key, bytes)), List.of()));
        loop.advance(Duration.ofSeconds(1));
    }

    private CompletableFuture<NodeSecret> start(long generation) {
        return new EtcdNodeSecret(
                        loop,
                        etcd.client(),
                        "test",
                        EtcdLogSettings.DEFAULTS,
                        IDENTITY,
                        new SecureRandom())
                .readOrCreate(generation);
    }

    private NodeSecret started(long generation) {
        CompletableFuture<NodeSecret> secret = start(generation);
        loop.advance(Duration.ofSeconds(1));
        return secret.join();
    }

    @Test
    void nodesThatStartTogetherAgreeOnOneSecret() {
        CompletableFuture<NodeSecret> one = start(1);
        CompletableFuture<NodeSecret> other = start(1);
        loop.advance(Duration.ofSeconds(1));

        assertThat(one.join()).isEqualTo(other.join()).isEqualTo(started(1));
        assertThat(one.join().toString()).doesNotContain(one.join().toHex());
    }

    @Test
    void aRestoreWithANewGenerationMakesANewSecret() {
        NodeSecret former = started(1);
        put("/millrace/test/generation", "0000000000000002");
        NodeSecret restored = started(2);

        assertThat(restored).isNotEqualTo(former).isEqualTo(started(2));
    }

    @Test
    void aNodeOfAnEarlierGenerationReadsAndReplacesNoSecret() {
        put("/millrace/test/generation", "0000000000000002");
        NodeSecret current = started(2);
        CompletableFuture<NodeSecret> late = start(1);
        loop.advance(Duration.ofSeconds(1));

        assertThatThrownBy(late::join)
                .hasCauseInstanceOf(LogException.Corrupt.class)
                .hasMessageContaining("changed from 1 to 2 while this node started");
        assertThat(started(2)).isEqualTo(current);
    }

    @Test
    void aDamagedSecretIsReportedAndKept() {
        put(KEY, "0000000000000001-secret");
        CompletableFuture<NodeSecret> secret = start(1);
        loop.advance(Duration.ofSeconds(1));

        assertThatThrownBy(secret::join)
                .hasCauseInstanceOf(LogException.Corrupt.class)
                .hasMessageContaining("Delete the key and restart all nodes");
        assertThat(etcd.value(KEY)).asString().isEqualTo("0000000000000001-secret");
    }
}
