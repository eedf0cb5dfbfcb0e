package io.millrace.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Wrong usage of the commands of ACLs, quotas and users, which is found before a connection is
 * made.
 */
class AclCommandsTest {

    private static String wrong(String command) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console =
                new Console(
                        new ByteArrayInputStream(new byte[0]),
                        new ByteArrayOutputStream(),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false);
        assertThat(MillraceCommand.run(console, command.split(" "))).as(command).isEqualTo(2);
        return err.toString(StandardCharsets.UTF_8).lines().findFirst().orElse("");
    }

    @Test
    void incompleteOrContradictoryOptionsAreWrongUsage() {
        Map.of(
                        "acl add --principal User:a --operation read",
                        "Name at least one resource, such as --topic or --cluster.",
                        "acl add --principal User:a --topic t",
                        "Name at least one --operation, --producer or --consumer.",
                        "acl add --principal User:a --topic t --consumer",
                        "--consumer requires --topic and --group.",
                        "acl add --principal User:a --cluster --producer",
                        "--producer requires --topic.",
                        "acl add --principal User:a --topic t --operation reed",
                        "--operation: \"reed\" is not an operation such as read or alter-configs.",
                        "acl remove",
                        "Select the ACLs to remove, for example with --principal.",
                        "acl list --topic t --prefix --matching",
                        "--prefix and --matching exclude each other.",
                        "acl test --principal User:a --topic t",
                        "Name one resource, such as --topic, and one --operation.",
                        "quota set --principal User:a",
                        "Give at least one of --bytes-in, --bytes-out and --requests.",
                        "quota set --requests 5",
                        "Use either --principal or --default.")
                .forEach((command, message) -> assertThat(wrong(command)).isEqualTo(message));
    }

    @Test
    void illegalPasswordsOfUsersAreWrongUsage() {
        assertThat(wrong("user set alice --password-file p --mechanism plain"))
                .isEqualTo("--mechanism: \"plain\" is not scram-sha-256 or scram-sha-512.");
        assertThat(wrong("user set alice --password-file p --iterations 4095"))
                .isEqualTo("--iterations must be 4096 to 16384, not 4095.");
        assertThat(wrong("user set alice")).contains("--password-file");
    }

    @Test
    void anOperationThatTheResourceDoesNotHaveIsWrongUsage() {
        assertThat(wrong("acl add --principal User:a --group g --operation write"))
                .isEqualTo(
                        "--operation: write does not exist for a group; use all, read, delete,"
                                + " describe, describe-configs, alter-configs.");
        assertThat(wrong("quota set --default --requests 0"))
                .isEqualTo("--requests must be 1 to 1125899906842624, not 0.");
    }
}
