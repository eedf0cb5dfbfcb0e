package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.client.MillraceClient;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.protocol.scram.ScramSummary;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands {@code user set|list|remove}. */
public final class UserCommands {

    private static final String USERS_AS_JSON =
            "With --output json: {users: [{user, mechanism, iterations}]}.";

    private UserCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("set", () -> new SetPassword(console))
                .add("list", () -> new ListAll(console))
                .add("remove", () -> new Remove(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "user",
            description = {
                "Set, list and remove passwords of users, for Kafka clients with SASL SCRAM.",
                "The servers need scram in millrace.auth."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace user set alice --password-file alice.password",
                "  millrace user list"
            })
    private static final class Group extends CommandGroup {}

    private record Row(String user, String mechanism, int iterations) {

        static Row of(ScramName name, int iterations) {
            return new Row(name.user(), text(name.mechanism()), iterations);
        }

        String line() {
            return "%s\t%s\t%d".formatted(user, mechanism, iterations);
        }
    }

    /** The credentials as a table. */
    private record Rows(List<Row> users) implements CommandResult {

        @Override
        public List<String> lines() {
            if (users.isEmpty()) {
                return List.of();
            }
            List<String> lines = new ArrayList<>();
            lines.add("user\tmechanism\titerations");
            users.forEach(row -> lines.add(row.line()));
            return lines;
        }
    }

    private static String text(ScramMechanism mechanism) {
        return mechanism.text().toLowerCase(Locale.ROOT);
    }

    private static ScramMechanism mechanism(String text) {
        return Arrays.stream(ScramMechanism.values())
                .filter(mechanism -> text(mechanism).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "\"%s\" is not scram-sha-256 or scram-sha-512".formatted(text)));
    }

    private abstract static class OfUser extends ClientCommand {

        @Parameters(
                paramLabel = "USER",
                description = "Name of the user: ACLs and quotas apply to User:USER.")
        String user = "";

        OfUser(Console console) {
            super(console);
        }

        final ScramName named(ScramMechanism mechanism) {
            return new ScramName(user, mechanism);
        }
    }

    @Command(
            name = "set",
            description = {
                "Set the password of a user, who is created if necessary.",
                "Only a salted hash of the password is sent. Open connections of the user remain."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace user set alice --password-file alice.password",
                "",
                USERS_AS_JSON
            })
    @SystemAccess("creates random salts")
    private static final class SetPassword extends OfUser {

        private static final int SALT_BYTES = 32;

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                required = true,
                description = "File with the password in its only line.")
        @Nullable Path passwordFile;

        @Option(
                names = "--mechanism",
                paramLabel = "M",
                defaultValue = "scram-sha-512",
                description = "scram-sha-512 or scram-sha-256. Default: ${DEFAULT-VALUE}.")
        String mechanism = "";

        @Option(
                names = "--iterations",
                paramLabel = "N",
                defaultValue = "8192",
                description =
                        "Iterations of the hash, 4096 to 16384: more of them slow down both guesses"
                                + " and connections. Default: ${DEFAULT-VALUE}.")
        int iterations;

        SetPassword(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            ScramName name =
                    named(common.parsed("--mechanism", mechanism, UserCommands::mechanism));
            if (!ScramMechanism.allowsIterations(iterations)) {
                throw common.usage(
                        "--iterations must be %d to %d, not %d."
                                .formatted(
                                        ScramMechanism.MIN_ITERATIONS,
                                        ScramMechanism.MAX_ITERATIONS,
                                        iterations));
            }
            byte[] salt = new byte[SALT_BYTES];
            new SecureRandom().nextBytes(salt);
            client.scram()
                    .change(
                            List.of(SaltedPassword.of(name, password(), iterations, salt)),
                            List.of());
            return new Rows(List.of(Row.of(name, iterations)));
        }

        private String password() {
            Path file = passwordFile;
            if (file == null) {
                throw common.usage("Name the file of the password with --password-file.");
            }
            List<String> lines;
            try {
                lines = Files.readAllLines(file);
            } catch (IOException failure) {
                throw new CommandFailedException(
                        "%s cannot be read (%s), so no password was set.".formatted(file, failure));
            }
            if (lines.size() != 1 || lines.getFirst().isEmpty()) {
                throw new CommandFailedException(
                        "%s must have the password in its only line, so no password was set."
                                .formatted(file));
            }
            return lines.getFirst();
        }
    }

    @Command(
            name = "list",
            description = "List all users with passwords, by name and mechanism.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace user list", "", USERS_AS_JSON})
    private static final class ListAll extends ClientCommand {

        ListAll(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return new Rows(
                    client.scram().list().stream()
                            .map((ScramSummary each) -> Row.of(each.name(), each.iterations()))
                            .toList());
        }
    }

    @Command(
            name = "remove",
            description = {
                "Remove the passwords of a user: of all mechanisms unless one is named.",
                "Open connections of the user end at their next request."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace user remove alice",
                "  millrace user remove alice --mechanism scram-sha-256",
                "",
                "With --output json: {user, removed: [mechanism]}."
            })
    private static final class Remove extends OfUser {

        @Option(
                names = "--mechanism",
                paramLabel = "M",
                description = "scram-sha-512 or scram-sha-256.")
        @Nullable String mechanism;

        Remove(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            String given = mechanism;
            List<ScramMechanism> mechanisms =
                    given == null
                            ? List.of(ScramMechanism.values())
                            : List.of(common.parsed("--mechanism", given, UserCommands::mechanism));
            client.scram().change(List.of(), mechanisms.stream().map(this::named).toList());
            Removed removed =
                    new Removed(user, mechanisms.stream().map(UserCommands::text).toList());
            return CommandResult.of(
                    removed,
                    List.of(
                            "%s has no password for %s."
                                    .formatted(user, String.join(", ", removed.removed()))));
        }

        /** The result in JSON. */
        private record Removed(String user, List<String> removed) {}
    }
}
