package io.millrace.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code token create}, which needs no server. */
public final class TokenCommands {

    private TokenCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("create", () -> new Create(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "token",
            description = "Create static tokens for the authentication of clients.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace token create orders-app --out orders-app.token >> tokens"})
    private static final class Group extends CommandGroup {}

    @Command(
            name = "create",
            description =
                    "Create a random token. Prints the line for the file of"
                            + " millrace.auth-tokens-file, which holds only the hash of the token.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace token create orders-app --out orders-app.token >> tokens",
                "  millrace topic list --token-file orders-app.token"
            })
    @SystemAccess("creates random tokens")
    static final class Create implements Callable<Integer> {

        /** Shows the origin of a leaked token, for people and scanners. */
        private static final String PREFIX = "mlr_";

        private static final int RANDOM_BYTES = 32;

        @Spec CommandSpec spec;

        @Parameters(
                paramLabel = "NAME",
                description = "Name of the principal: ACLs and quotas apply to User:NAME.")
        String name;

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description =
                        "New file for the token, readable only by its owner. Default: the token is"
                                + " printed in a first line.")
        @Nullable Path out;

        @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
        boolean help;

        private final Console console;

        Create(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            String principal = name.strip();
            if (principal.isEmpty()
                    || principal.startsWith("#")
                    || principal.chars().anyMatch(Character::isISOControl)) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "NAME must be a text in one line that does not begin with #.");
            }
            byte[] random = new byte[RANDOM_BYTES];
            new SecureRandom().nextBytes(random);
            String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            if (out == null) {
                console.line(token);
            } else {
                write(out, token);
            }
            console.line(principal + ": " + hash(token));
            return ExitCode.DONE;
        }

        private static void write(Path file, String token) {
            FileAttribute<?>[] onlyOwner =
                    file.getFileSystem().supportedFileAttributeViews().contains("posix")
                            ? new FileAttribute<?>[] {
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rw-------"))
                            }
                            : new FileAttribute<?>[0];
            try {
                Files.createFile(file, onlyOwner);
                Files.writeString(file, token + "\n");
            } catch (FileAlreadyExistsException exists) {
                throw new CommandFailedException(
                        "%s exists, so no token was created: name a new file.".formatted(file));
            } catch (IOException failure) {
                throw new CommandFailedException(
                        "%s cannot be written (%s), so no token was created."
                                .formatted(file, failure));
            }
        }

        private static String hash(String token) {
            try {
                return HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
            } catch (NoSuchAlgorithmException missing) {
                throw new IllegalStateException("every Java has SHA-256", missing);
            }
        }
    }
}
