package io.millrace.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.node.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTokenTest {

    private static final String TOKEN = "0123456789abcdef";
    private static final String OTHER = "0123456789abcdee";

    @TempDir Path folder;
    private final AtomicLong nanos = new AtomicLong();

    private MetricsTokenFile file(String content) throws IOException {
        return new MetricsTokenFile(
                Files.writeString(folder.resolve("token"), content), nanos::get);
    }

    @Test
    void onlyTheTokenIsAllowed() throws IOException {
        MetricsTokenFile file = file(TOKEN + "\n");

        assertThat(file.allows("Bearer " + TOKEN)).isTrue();
        assertThat(file.allows("bearer " + TOKEN)).isTrue();
        assertThat(file.allows("Bearer " + OTHER)).isFalse();
        assertThat(file.allows("Bearer ")).isFalse();
        assertThat(file.allows("Basic " + TOKEN)).isFalse();
        assertThat(file.allows(TOKEN)).isFalse();
        assertThat(file.allows("Bearer " + TOKEN.repeat(1000))).isFalse();
    }

    @Test
    void aNewTokenReplacesTheOldOneWithoutARestart() throws IOException {
        MetricsTokenFile file = file(TOKEN);
        Files.writeString(folder.resolve("token"), OTHER);

        nanos.set(Duration.ofSeconds(10).toNanos());

        assertThat(file.allows("Bearer " + TOKEN)).isFalse();
        assertThat(file.allows("Bearer " + OTHER)).isTrue();
    }

    @Test
    void theTokenStaysValidWhileItsFileIsUnusable() throws IOException {
        MetricsTokenFile file = file(TOKEN);
        Files.writeString(folder.resolve("token"), "short");
        nanos.set(Duration.ofSeconds(10).toNanos());
        assertThat(file.allows("Bearer " + TOKEN)).isTrue();

        Files.delete(folder.resolve("token"));
        nanos.set(Duration.ofSeconds(20).toNanos());
        assertThat(file.allows("Bearer " + TOKEN)).isTrue();

        Files.writeString(folder.resolve("token"), OTHER);
        nanos.set(Duration.ofSeconds(30).toNanos());
        assertThat(file.allows("Bearer " + OTHER)).isTrue();
    }

    @Test
    void aServerDoesNotStartWithoutAToken() {
        assertThatThrownBy(() -> file("short"))
                .isInstanceOf(StartFailure.class)
                .hasMessageContainingAll("millrace.metrics-token-file", "16 to 1024");
        assertThatThrownBy(() -> new MetricsTokenFile(folder.resolve("absent"), nanos::get))
                .isInstanceOf(StartFailure.class)
                .hasMessageContainingAll("millrace.metrics-token-file", "absent");
    }

    @Test
    void metricsAreOpenOnlyWithoutATokenAndWithoutAuthentication() throws IOException {
        assertThat(MetricsAccess.of(Optional.empty(), false))
                .isInstanceOf(MetricsAccess.Open.class);
        assertThat(MetricsAccess.of(Optional.empty(), true))
                .isInstanceOf(MetricsAccess.Closed.class);
        assertThat(MetricsAccess.of(Optional.of(file(TOKEN)), false))
                .isInstanceOf(MetricsAccess.ByToken.class);
    }
}
