package io.millrace.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.tls.ClientTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientConfigTest {

    @TempDir Path folder;

    private final Map<String, String> environment = new HashMap<>();

    private ClientConfig read(String... lines) throws IOException {
        Path file = Files.writeString(folder.resolve("config"), String.join("\n", lines));
        return ClientConfig.read(this::variable, file.toString());
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name));
    }

    @Test
    void anOptionPrecedesTheVariableAndTheVariableTheFile() throws IOException {
        ClientConfig config = read("server = a:1", "zone=file");
        environment.put("MILLRACE_CLIENT_ZONE", "variable");

        assertThat(config.value("server", null)).contains("a:1");
        assertThat(config.value("zone", null)).contains("variable");
        assertThat(config.value("zone", "option")).contains("option");
        assertThat(config.value("tls", null)).isEmpty();
    }

    @Test
    void theEnvironmentMayNameTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("c"), "server=b:2");
        environment.put("MILLRACE_CLIENT_CONFIG", file.toString());

        assertThat(ClientConfig.read(this::variable, null).value("server", null)).contains("b:2");
    }

    @Test
    void pathsInTheFileAreRelativeToIt() throws IOException {
        ClientConfig config = read("tls-trust=ca.crt", "tls-key=/etc/key");

        assertThat(config.path("tls-trust", null)).contains(folder.resolve("ca.crt"));
        assertThat(config.path("tls-key", null)).contains(Path.of("/etc/key"));
        assertThat(config.path("tls-trust", "here.crt")).contains(Path.of("here.crt"));
    }

    @Test
    void anUnknownKeyIsRefusedByName() {
        assertThatThrownBy(() -> read("tls_trust=ca.crt"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown key tls_trust");
    }

    @Test
    void aMissingFileIsRefusedByName() {
        assertThatThrownBy(() -> ClientConfig.read(this::variable, "/no/such/file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/no/such/file");
    }

    @Test
    void tlsIsOffUnlessWanted() throws IOException {
        assertThat(new TlsOptions().read(read())).isEmpty();
        assertThat(new TlsOptions().read(read("tls=false"))).isEmpty();
        assertThat(new TlsOptions().read(read("tls=true"))).contains(ClientTls.ofJvmAuthorities());
        TlsOptions options = new TlsOptions();
        options.tls = true;
        assertThat(options.read(read())).contains(ClientTls.ofJvmAuthorities());
    }

    @Test
    void otherOptionsOfTlsImplyIt() throws IOException {
        ClientConfig config =
                read(
                        "tls-trust=/ca.crt",
                        "tls-certificate=/me.crt",
                        "tls-key=/me.key",
                        "tls-server-name=node");

        assertThat(new TlsOptions().read(config))
                .contains(
                        ClientTls.trusting(Path.of("/ca.crt"))
                                .withCertificate(Path.of("/me.crt"), Path.of("/me.key"))
                                .withServerName("node"));
    }

    @Test
    void aCertificateNeedsItsKey() throws IOException {
        ClientConfig config = read("tls-certificate=/me.crt");

        assertThatThrownBy(() -> new TlsOptions().read(config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--tls-key");
    }
}
