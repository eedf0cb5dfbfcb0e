package io.millrace.client.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileTokenTest {

    @TempDir Path folder;

    private final AtomicLong nowNanos = new AtomicLong();

    private Path write(String content) throws IOException {
        return Files.writeString(folder.resolve("token"), content);
    }

    private void aSecondPasses() {
        nowNanos.addAndGet(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void aChangedFileIsReadAgainAfterASecond() throws IOException {
        FileToken token = new FileToken(write("first\n"), nowNanos::get);
        assertThat(token.token()).isEqualTo("first");
        write("second");
        assertThat(token.token()).isEqualTo("first");
        aSecondPasses();
        assertThat(token.token()).isEqualTo("second");
    }

    @Test
    void theLastTokenStaysWhileTheFileIsIllegal() throws IOException {
        FileToken token = new FileToken(write("first"), nowNanos::get);
        write("not a token");
        aSecondPasses();
        assertThat(token.token()).isEqualTo("first");
        write("second");
        aSecondPasses();
        assertThat(token.token()).isEqualTo("second");
    }

    @Test
    void theLastTokenStaysWhileTheFileIsMissing() throws IOException {
        Path file = write("first");
        FileToken token = new FileToken(file, nowNanos::get);
        Files.delete(file);
        aSecondPasses();
        assertThat(token.token()).isEqualTo("first");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "two words", "line\nline", "ümlaut"})
    void anIllegalTokenIsRefusedWithoutItsText(String content) throws IOException {
        Path file = write(content);
        assertThatThrownBy(() -> new FileToken(file, nowNanos::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString())
                .message()
                .doesNotContain("words", "line", "mlaut");
    }

    @Test
    void aMissingFileIsRefused() {
        assertThatThrownBy(() -> TokenSource.file(folder.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
    }

    @Test
    void aFixedTokenDoesNotShowItself() {
        assertThat(TokenSource.fixed("secret")).hasToString("FixedToken[secret]");
        assertThat(ClientSettings.of("localhost:1").withTokens(TokenSource.fixed("my-token")))
                .asString()
                .doesNotContain("my-token");
    }
}
