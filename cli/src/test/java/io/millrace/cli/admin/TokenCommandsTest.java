package io.millrace.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandsTest {

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return MillraceCommand.run(
                new Console(
                        InputStream.nullInputStream(),
                        out,
                        new PrintStream(err, true, UTF_8),
                        false),
                arguments);
    }

    private static String line(String name, String token) throws NoSuchAlgorithmException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
        return name + ": " + HexFormat.of().formatHex(hash) + "\n";
    }

    @Test
    void theTokenIsWrittenToAFileOfItsOwnerAndTheLineHasItsHash() throws Exception {
        Path file = folder.resolve("token");
        assertThat(run("token", "create", "CN=app:1", "--out", file.toString())).isZero();
        String token = Files.readString(file).strip();
        assertThat(token).matches("mlr_[A-Za-z0-9_-]{43}");
        assertThat(out.toString(UTF_8)).isEqualTo(line("CN=app:1", token));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void withoutAFileTheTokenIsPrintedFirst() throws Exception {
        assertThat(run("token", "create", "app")).isZero();
        String token = out.toString(UTF_8).lines().findFirst().orElseThrow();
        assertThat(out.toString(UTF_8)).isEqualTo(token + "\n" + line("app", token));
    }

    @Test
    void anExistingFileIsNotOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "mine");
        assertThat(run("token", "create", "app", "--out", file.toString())).isEqualTo(1);
        assertThat(file).hasContent("mine");
        assertThat(out.size()).isZero();
        assertThat(err.toString(UTF_8)).contains("exists");
    }

    @Test
    void anUnusableTokenFileIsWrongUsage() {
        assertThat(run("topic", "list", "--token-file", folder.resolve("none").toString()))
                .isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("--token-file").contains("none");
    }
}
