package io.millrace.security.authentication.oidc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KeyDownloadTest {

    private static final String KEYS = new TestIssuer().keySet();

    private final Map<String, String> pages = new ConcurrentHashMap<>();
    private HttpServer server;
    private String issuer;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String page = pages.get(exchange.getRequestURI().getPath());
                    byte[] body = page == null ? new byte[0] : page.getBytes(UTF_8);
                    exchange.sendResponseHeaders(page == null ? 404 : 200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        issuer = "http://localhost:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private KeySet download(Optional<URI> keys) {
        return download(keys, KeyDownload.TIMEOUT);
    }

    private KeySet download(Optional<URI> keys, Duration timeout) {
        return new KeyDownload(
                        new OidcSettings(issuer, Set.of("millrace"), keys, "sub"),
                        task -> Thread.ofVirtual().start(task),
                        timeout)
                .start()
                .join();
    }

    private void configuration(String content) {
        pages.put("/.well-known/openid-configuration", content);
    }

    @Test
    void theAddressOfTheKeysIsDiscoveredFromTheIssuer() {
        configuration("{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuer, issuer));
        pages.put("/keys", KEYS);
        assertThat(download(Optional.empty()).size()).isEqualTo(3);
    }

    @Test
    void aConfiguredAddressNeedsNoDiscovery() {
        pages.put("/keys", KEYS);
        assertThat(download(Optional.of(URI.create(issuer + "/keys"))).size()).isEqualTo(3);
    }

    @Test
    void theConfigurationOfAnotherIssuerIsRefused() {
        configuration(
                "{\"issuer\":\"https://evil.example\",\"jwks_uri\":\"%s/keys\"}".formatted(issuer));
        assertThatThrownBy(() -> download(Optional.empty())).hasMessageContaining("issuer");
    }

    @Test
    void keysAreNotReadOverAPlainConnectionOrFromAFileOfTheServer() {
        configuration(
                "{\"issuer\":\"%s\",\"jwks_uri\":\"http://keys.example/keys\"}".formatted(issuer));
        assertThatThrownBy(() -> download(Optional.empty())).hasMessageContaining("https");
        configuration("{\"issuer\":\"%s\",\"jwks_uri\":\"file:/etc/passwd\"}".formatted(issuer));
        assertThatThrownBy(() -> download(Optional.empty())).hasMessageContaining("https");
    }

    @Test
    void aResponseThatStallsAfterItsHeadersIsGivenUp() {
        server.createContext(
                "/stalled",
                exchange -> {
                    exchange.sendResponseHeaders(200, KEYS.length());
                    exchange.getResponseBody().flush();
                });
        assertThatThrownBy(() ->
                        download(
                                Optional.of(URI.create(issuer + "/stalled")),
                                Duration.ofMillis(500)))
                .hasMessageContaining("within 500 ms");
    }

    @Test
    void aLargeOrMissingOrMalformedKeySetIsRefused() {
        Optional<URI> address = Optional.of(URI.create(issuer + "/keys"));
        assertThatThrownBy(() -> download(address)).hasMessageContaining("404");
        pages.put("/keys", " ".repeat(KeySet.MAX_BYTES + 1));
        assertThatThrownBy(() -> download(address)).hasMessageContaining("bytes");
        pages.put("/keys", "<html>");
        assertThatThrownBy(() -> download(address)).hasMessageContaining("key set is invalid");
    }
}
