package io.millrace.security.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadedFileTest {

    private static final int MAX_BYTES = 10;

    @TempDir Path folder;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final List<String> events = new ArrayList<>();

    private final ReloadedFile.Observer observer =
            new ReloadedFile.Observer() {
                @Override
                public void loaded(Path file) {
                    events.add("loaded");
                }

                @Override
                public void failed(Path file, String reason) {
                    events.add("failed");
                }
            };

    private ReloadedFile<String> open(Path file) throws Exception {
        return ReloadedFile.open(
                file, MAX_BYTES, ReloadedFileTest::parse, observer, loop, Runnable::run);
    }

    private static String parse(byte[] content) throws InvalidFileException {
        String text = new String(content, UTF_8);
        if (text.startsWith("bad")) {
            throw new InvalidFileException("it is bad.");
        }
        return text;
    }

    /** Replaces a file like an editor or Kubernetes does. */
    private void replace(Path file, String content) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aChangedFileIsReadAgain() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "one");
        ReloadedFile<String> reloaded = open(file);
        long version = reloaded.version();
        loop.advance(ReloadedFile.CHECK_INTERVAL);
        assertThat(reloaded.version()).isEqualTo(version);
        replace(file, "two");
        loop.advance(ReloadedFile.CHECK_INTERVAL);
        assertThat(reloaded.content()).isEqualTo("two");
        assertThat(reloaded.version()).isNotEqualTo(version);
        assertThat(events).containsExactly("loaded", "loaded");
    }

    @Test
    void aBrokenFileIsReportedOnceAndTheLastContentStays() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "one");
        ReloadedFile<String> reloaded = open(file);
        replace(file, "bad");
        loop.advance(ReloadedFile.CHECK_INTERVAL.multipliedBy(3));
        replace(file, "x".repeat(MAX_BYTES + 1));
        loop.advance(ReloadedFile.CHECK_INTERVAL.multipliedBy(3));
        Files.delete(file);
        loop.advance(ReloadedFile.CHECK_INTERVAL.multipliedBy(3));
        assertThat(reloaded.content()).isEqualTo("one");
        assertThat(events).containsExactly("loaded", "failed", "failed", "failed");
        replace(file, "x".repeat(MAX_BYTES));
        loop.advance(ReloadedFile.CHECK_INTERVAL);
        assertThat(reloaded.content()).isEqualTo("x".repeat(MAX_BYTES));
        assertThat(events).endsWith("failed", "loaded");
    }

    @Test
    void aFileThatIsUnusableAtFirstIsRefused() throws Exception {
        assertThatThrownBy(() -> open(folder.resolve("missing")))
                .isInstanceOf(NoSuchFileException.class);
        Path bad = Files.writeString(folder.resolve("f"), "bad");
        assertThatThrownBy(() -> open(bad)).isInstanceOf(InvalidFileException.class);
    }

    @Test
    void aClosedFileIsNotReadAgain() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "one");
        ReloadedFile<String> reloaded = open(file);
        reloaded.close();
        loop.advance(ReloadedFile.CHECK_INTERVAL);
        replace(file, "two");
        loop.advance(ReloadedFile.CHECK_INTERVAL.multipliedBy(2));
        assertThat(reloaded.content()).isEqualTo("one");
    }
}
