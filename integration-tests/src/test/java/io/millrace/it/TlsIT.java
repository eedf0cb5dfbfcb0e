package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.tls.ClientTls;
import io.millrace.runtime.tls.TestAuthority;
import io.millrace.runtime.tls.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that use TLS with client certificates, and clients of them. */
class TlsIT {

    private static final String NODE_NAME = "millrace-node";

    @TempDir Path folder;

    private final TestAuthority authority = new TestAuthority("authority");
    private FolderCluster cluster;
    private Path trust;
    private TlsFiles.CertificateFiles own;
    private Path config;

    @BeforeEach
    void start() throws Exception {
        trust = authority.writeTo(folder.resolve("ca.crt"));
        own = authority.issue("client").writeTo(folder, "client");
        TlsFiles.CertificateFiles node = authority.issue("node", NODE_NAME).writeTo(folder, "node");
        TlsFiles.CertificateFiles management =
                authority.issue("management", "localhost").writeTo(folder, "management");
        cluster =
                FolderCluster.empty(folder, FolderCluster.SHORT_LIFE)
                        .environment(
                                Map.of(
                                        "MILLRACE_MANAGEMENT_TLS_CERTIFICATE",
                                                management.certificate().toString(),
                                        "MILLRACE_MANAGEMENT_TLS_KEY", management.key().toString(),
                                        "MILLRACE_TLS_CERTIFICATE", node.certificate().toString(),
                                        "MILLRACE_TLS_KEY", node.key().toString(),
                                        "MILLRACE_TLS_TRUST", trust.toString(),
                                        "MILLRACE_TLS_CLIENT_AUTH", "required",
                                        "MILLRACE_TLS_NODE_NAME", NODE_NAME));
        cluster.start("a", "b");
        config =
                Files.writeString(
                        folder.resolve("client.properties"),
                        """
                        server=%s
                        tls-trust=ca.crt
                        tls-certificate=client.crt
                        tls-key=client.key
                        tls-server-name=%s
                        """
                                .formatted(cluster.addresses(), NODE_NAME));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void clientsAndNodesUseTlsAndCertificatesAreReloaded() throws Exception {
        command("topic", "create", "t", "--partitions", "2").ok();
        Path records = Files.writeString(folder.resolve("records"), "one\ntwo\nthree\n");
        command("produce", "t", "--file", records.toString()).ok();
        assertThat(command("consume", "t", "--from", "beginning").ok().text().lines())
                .containsExactlyInAnyOrder("one", "two", "three");

        // The session is forwarded to the coordinator, the other node.
        consumeAt("a", FolderCluster.groupOf("b", Set.of("a", "b")));

        MillraceCommandLine.Result plain =
                MillraceCommandLine.run("topic", "list", "--server", cluster.addresses());
        assertThat(plain.exit()).isEqualTo(1);
        assertThat(plain.err()).contains("requires TLS");

        TestAuthority next = new TestAuthority("next authority");
        Path nextTrust = next.writeTo(folder.resolve("next.crt"));
        Files.writeString(trust, Files.readString(trust) + Files.readString(nextTrust));
        next.issue("node", NODE_NAME).writeTo(folder, "node");
        for (String node : List.of("a", "b")) {
            Eventually.await("reload of " + node, () -> describes(node, nextTrust));
        }
        consumeAt("b", FolderCluster.groupOf("a", Set.of("a", "b")));
        assertThat(cluster.errors()).contains("The TLS certificates have changed");
    }

    @Test
    void theManagementPortUsesTls() throws Exception {
        String address = "localhost:" + cluster.node("a").managementPort();
        try (HttpClient client = HttpClient.newBuilder().sslContext(trusting()).build()) {
            HttpRequest ready =
                    HttpRequest.newBuilder(URI.create("https://" + address + "/health/ready"))
                            .build();
            assertThat(client.send(ready, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);

            HttpRequest plain =
                    HttpRequest.newBuilder(URI.create("http://" + address + "/health/ready"))
                            .build();
            assertThatThrownBy(() -> client.send(plain, HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    private SSLContext trusting() throws Exception {
        KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
        authorities.load(null, null);
        try (InputStream file = Files.newInputStream(trust)) {
            authorities.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private boolean describes(String node, Path trusted) {
        return MillraceCommandLine.run(
                                "cluster",
                                "describe",
                                "--server",
                                cluster.node(node).address(),
                                "--client-config",
                                config.toString(),
                                "--tls-trust",
                                trusted.toString())
                        .exit()
                == 0;
    }

    private void consumeAt(String node, String group) {
        ClientTls tls =
                ClientTls.trusting(trust)
                        .withCertificate(own.certificate(), own.key())
                        .withServerName(NODE_NAME);
        AtomicInteger received = new AtomicInteger();
        try (MillraceClient client =
                        MillraceClient.connect(
                                ClientSettings.of(cluster.node(node).address())
                                        .withoutDiscovery()
                                        .withTls(tls));
                Subscription subscription =
                        client.subscribe(
                                group,
                                List.of("t"),
                                (batch, assigned) ->
                                        batch.forEach(record -> received.incrementAndGet()))) {
            Eventually.await("records at " + node, () -> received.get() == 3);
        }
    }

    private MillraceCommandLine.Result command(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--client-config";
        all[arguments.length + 1] = config.toString();
        return MillraceCommandLine.run(all);
    }
}
