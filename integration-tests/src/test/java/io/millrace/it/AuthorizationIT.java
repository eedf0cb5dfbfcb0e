package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rights and the audit log of a server process, with the commands that an operator uses. */
@Timeout(120)
class AuthorizationIT {

    @TempDir private Path folder;
    private final StringBuilder tokens = new StringBuilder();

    private void createToken(String user) {
        tokens.append(
                MillraceCommandLine.run(
                                "token", "create", user, "--out", folder.resolve(user).toString())
                        .ok()
                        .text());
    }

    private MillraceCommandLine.Result as(String user, MillraceProcess server, String... command) {
        String[] all = new String[command.length + 4];
        System.arraycopy(command, 0, all, 0, command.length);
        all[command.length] = "--server";
        all[command.length + 1] = server.address();
        all[command.length + 2] = "--token-file";
        all[command.length + 3] = folder.resolve(user).toString();
        return MillraceCommandLine.run(all);
    }

    @Test
    void rightsSurviveARestartAndRefusalsAreInTheAuditLog() throws IOException {
        createToken("admin");
        createToken("app");
        Path tokenFile = Files.writeString(folder.resolve("tokens"), tokens);
        Path audit = folder.resolve("audit.log");
        Map<String, String> secured =
                Map.of(
                        "MILLRACE_AUTH",
                        "token",
                        "MILLRACE_AUTH_TOKENS_FILE",
                        tokenFile.toString(),
                        "MILLRACE_SUPER_USERS",
                        "User:admin",
                        "MILLRACE_AUDIT_LOG",
                        audit.toString());
        Path data = folder.resolve("data");
        try (MillraceProcess server = MillraceProcess.up(data, secured)) {
            as("admin", server, "topic", "create", "orders").ok();
            MillraceCommandLine.Result refused = as("app", server, "topic", "delete", "orders");
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.err()).contains("User:app has no right to DELETE TOPIC orders");
            as(
                            "admin",
                            server,
                            "acl",
                            "add",
                            "--principal",
                            "User:app",
                            "--operation",
                            "all",
                            "--topic",
                            "orders")
                    .ok();
            assertThat(server.terminate()).isZero();
        }
        assertThat(Files.readAllLines(audit))
                .anyMatch(line ->
                        line.contains("\"principal\":\"User:app\"")
                                && line.contains("millrace.v1.Admin/DeleteTopic")
                                && line.contains("\"result\":\"NOT_AUTHORIZED\""))
                .anyMatch(line ->
                        line.contains("millrace.v1.Security/ChangeAcls")
                                && line.contains("\"result\":\"OK\""));
        try (MillraceProcess server = MillraceProcess.up(data, secured)) {
            as("app", server, "topic", "delete", "orders").ok();
        }
    }
}
