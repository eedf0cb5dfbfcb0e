package io.millrace.security.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingFileTest {

    @TempDir Path folder;

    private Path file() {
        return folder.resolve("audit.log");
    }

    private static void write(RotatingFile to, String line) throws IOException {
        to.write((line + "\n").getBytes(UTF_8));
    }

    @Test
    void aFullFileIsRenamedAndTheOldestIsDeleted() throws IOException {
        try (RotatingFile log = new RotatingFile(file(), 8, 3)) {
            for (int i = 0; i < 9; i++) {
                write(log, "line" + i);
            }
        }
        assertThat(file()).hasContent("line8");
        assertThat(folder.resolve("audit.log.1")).hasContent("line6\nline7");
        assertThat(folder.resolve("audit.log.2")).hasContent("line4\nline5");
        try (var all = Files.list(folder)) {
            assertThat(all).hasSize(3);
        }
    }

    @Test
    void aSingleFileStartsAnew() throws IOException {
        try (RotatingFile log = new RotatingFile(file(), 8, 1)) {
            for (int i = 0; i < 5; i++) {
                write(log, "line" + i);
            }
        }
        assertThat(file()).hasContent("line4");
    }

    @Test
    void aRestartContinuesTheFileWhichOnlyItsOwnerReads() throws IOException {
        try (RotatingFile log = new RotatingFile(file(), 100, 2)) {
            write(log, "before");
        }
        try (RotatingFile log = new RotatingFile(file(), 100, 2)) {
            write(log, "after");
        }
        assertThat(file()).hasContent("before\nafter");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void aFileThatWasMovedAwayIsCreatedAgain() throws IOException {
        try (RotatingFile log = new RotatingFile(file(), 100, 2)) {
            write(log, "before");
            Files.move(file(), folder.resolve("moved"));
            write(log, "after");
        }
        assertThat(file()).hasContent("after");
        assertThat(folder.resolve("moved")).hasContent("before");
    }
}
