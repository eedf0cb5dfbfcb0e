package io.millrace.metadata.etcd.jetcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EtcdSettingsTest {

    @TempDir private Path folder;

    private static EtcdSettings of(String endpoint, Optional<EtcdTls> tls) {
        return EtcdSettings.of(List.of(URI.create(endpoint)), tls, Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost:2379", "etcd://localhost:2379", "http://localhost", "http:x"})
    void anEndpointThatIsNoneIsRefusedWithTheFormItShouldHave(String endpoint) {
        assertThatThrownBy(() -> of(endpoint, Optional.empty()))
                .hasMessage(
                        endpoint
                                + " is no endpoint of etcd: http://HOST:PORT or https://HOST:PORT");
    }

    @Test
    void thereIsAtLeastOneEndpoint() {
        assertThatThrownBy(() -> EtcdSettings.of(List.of(), Optional.empty(), Optional.empty()))
                .hasMessageContaining("at least one endpoint");
    }

    @Test
    void certificatesWithoutTlsAreAMistake() {
        Optional<EtcdTls> tls = Optional.of(new EtcdTls(Optional.empty(), Optional.empty()));

        assertThatThrownBy(() -> of("http://localhost:2379", tls))
                .hasMessageContaining("no endpoint of it is https");
        assertThat(of("https://localhost:2379", tls).tls()).isEqualTo(tls);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = folder.resolve("ca.pem");

        assertThatThrownBy(() -> new EtcdTls(Optional.of(missing), Optional.empty()))
                .hasMessageContaining(missing.toString());
    }

    @Test
    void aFileThatIsNoCertificateIsRefusedWithTheFormItShouldHave() throws IOException {
        Path file = Files.writeString(folder.resolve("ca.pem"), "no certificate");
        EtcdSettings settings =
                of(
                        "https://localhost:2379",
                        Optional.of(new EtcdTls(Optional.of(file), Optional.empty())));

        assertThatThrownBy(() -> new Endpoint(settings.endpoints().getFirst(), settings))
                .hasMessageContaining("must be PEM");
    }

    @Test
    void aPasswordIsNotShown() {
        assertThat(new EtcdUser("millrace", "secret").toString()).doesNotContain("secret");
    }
}
