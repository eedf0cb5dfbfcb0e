package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.TokenSource;
import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclFilter;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ACLs and quotas on real servers, mostly through the command line. */
class AclCommandsIT {

    private static final String HEADER =
            "principal\thost\tpermission\toperation\tresource\tmatch\tname";

    @TempDir Path folder;

    /** Runs a command such as {@code acl list}, whose words are separated by blanks. */
    private Map<String, String> secured = Map.of();

    /** ACLs decide only where clients are authenticated. */
    @BeforeEach
    void createAdmin() throws IOException {
        String line =
                MillraceCommandLine.run("token", "create", "admin", "--out", token().toString())
                        .ok()
                        .text();
        secured =
                Map.of(
                        "MILLRACE_AUTH",
                        "token",
                        "MILLRACE_AUTH_TOKENS_FILE",
                        Files.writeString(folder.resolve("tokens"), line).toString(),
                        "MILLRACE_SUPER_USERS",
                        "User:admin");
    }

    private Path token() {
        return folder.resolve("admin.token");
    }

    private MillraceCommandLine.Result run(MillraceProcess server, String command) {
        List<String> all = new ArrayList<>(Arrays.asList(command.split(" ")));
        all.addAll(List.of("--server", server.address(), "--token-file", token().toString()));
        return MillraceCommandLine.run(all.toArray(String[]::new));
    }

    private List<String> lines(MillraceProcess server, String command) {
        return run(server, command).ok().text().lines().toList();
    }

    @Test
    void aclsAndQuotasAreChangedListedAndTestedAndSurviveAKill() {
        Path data = folder.resolve("data");
        try (MillraceProcess server = MillraceProcess.up(data, secured)) {
            assertThat(lines(server, "acl list")).isEmpty();
            lines(server, "acl add --principal User:shop --producer --topic orders");
            lines(
                    server,
                    "acl add --principal User:bill --consumer --topic ord --group b --prefix");
            lines(
                    server,
                    "acl add --principal User:* --host 0:0::1 --operation all --topic * --deny");
            lines(server, "quota set --principal User:shop --bytes-in 10M --requests 500");
            lines(server, "quota set --default --requests 50");
            server.kill();
        }
        try (MillraceProcess server = MillraceProcess.up(data, secured)) {
            assertThat(lines(server, "acl list"))
                    .containsExactly(
                            HEADER,
                            "User:*\t0:0:0:0:0:0:0:1\tdeny\tall\ttopic\tliteral\t*",
                            "User:bill\t*\tallow\tread\ttopic\tprefixed\tord",
                            "User:shop\t*\tallow\twrite\ttopic\tliteral\torders",
                            "User:bill\t*\tallow\tread\tgroup\tprefixed\tb");
            assertThat(lines(server, "acl list --topic orders --matching")).hasSize(4);
            assertThat(lines(server, "acl list --topic orders")).hasSize(2);
            assertThat(lines(server, "acl list --principal User:bill --operation read")).hasSize(3);
            assertDecisions(server);
            assertRemoval(server);
            assertThat(lines(server, "quota list"))
                    .containsExactly(
                            "principal\tkind\tper second",
                            "User:*\trequests\t50",
                            "User:shop\tbytes-in\t10000000",
                            "User:shop\trequests\t500");
            lines(server, "quota remove --principal User:shop --requests");
            lines(server, "quota remove --default");
            assertThat(lines(server, "quota list --output json"))
                    .containsExactly(
                            "{\"quotas\":[{\"principal\":\"User:shop\",\"kind\":\"bytes-in\","
                                    + "\"perSecond\":10000000}]}");
        }
    }

    @Test
    void passwordsOfUsersAreSetListedAndRemoved() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "secret\n");
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"), secured)) {
            lines(server, "user set bob --password-file " + password);
            lines(
                    server,
                    "user set alice --mechanism SCRAM-SHA-256 --iterations 4096 --password-file "
                            + password);
            assertThat(lines(server, "user list"))
                    .containsExactly(
                            "user\tmechanism\titerations",
                            "alice\tscram-sha-256\t4096",
                            "bob\tscram-sha-512\t8192");
            assertThat(lines(server, "user remove alice"))
                    .containsExactly("alice has no password for scram-sha-256, scram-sha-512.");
            assertThat(lines(server, "user list --output json"))
                    .containsExactly(
                            "{\"users\":[{\"user\":\"bob\",\"mechanism\":\"scram-sha-512\","
                                    + "\"iterations\":8192}]}");
            Files.writeString(password, "two\nlines\n");
            assertThat(run(server, "user set bob --password-file " + password).err())
                    .contains("only line");
        }
    }

    private void assertDecisions(MillraceProcess server) {
        assertThat(
                        lines(
                                server,
                                "acl test --principal User:shop --operation describe --topic orders"))
                .containsExactly(
                        "allowed: describe topic orders for User:shop, because of the ACL User:shop * allow"
                                + " write topic literal orders");
        MillraceCommandLine.Result denied =
                run(
                        server,
                        "acl test --principal User:shop --operation write --topic orders --host ::1"
                                + " --output json");
        assertThat(denied.exit()).isEqualTo(1);
        assertThat(denied.text())
                .startsWith(
                        "{\"allowed\":false,\"cause\":\"acl\",\"acl\":{\"principal\":\"User:*\",");
        MillraceCommandLine.Result none =
                run(server, "acl test --principal User:shop --operation read --topic orders");
        assertThat(none.exit()).isEqualTo(1);
        assertThat(none.text())
                .isEqualTo("denied: read topic orders for User:shop, because no ACL matches\n");
    }

    private void assertRemoval(MillraceProcess server) {
        assertThat(lines(server, "acl remove --principal User:bill --dry-run"))
                .hasSize(4)
                .first()
                .isEqualTo("Would remove 2 ACLs:");
        assertThat(lines(server, "acl remove --principal User:bill")).hasSize(4);
        assertThat(lines(server, "acl remove --principal User:bill"))
                .containsExactly("No ACL matches.");
        assertThat(lines(server, "acl list --output json"))
                .singleElement()
                .asString()
                .contains("User:shop")
                .doesNotContain("User:bill");
        MillraceCommandLine.Result illegal =
                run(server, "acl add --principal shop --operation read --topic orders");
        assertThat(illegal.exit()).isEqualTo(1);
        assertThat(illegal.err()).startsWith("A principal must have the form TYPE:NAME");
    }

    @Test
    void allNodesOfAClusterDecideAlike() throws Exception {
        try (FolderCluster cluster = FolderCluster.empty(folder, FolderCluster.SHORT_LIFE)) {
            cluster.environment(secured).roles("n0", "ingest").roles("n1", "fetch");
            cluster.start("n0", "n1");
            Acl acl =
                    Acl.allow(
                            "User:shop",
                            Operation.WRITE,
                            ResourcePattern.prefixed(ResourceType.TOPIC, "orders-"));
            Quota quota = new Quota(new QuotaKey("User:shop", QuotaKind.BYTES_OUT), 1_000);
            try (MillraceClient first = only(cluster.node("n0"));
                    MillraceClient second = only(cluster.node("n1"))) {
                first.acls().change(List.of(acl), List.of());
                second.quotas().change(List.of(quota), List.of());

                for (MillraceClient each : List.of(first, second)) {
                    assertThat(each.acls().list(AclFilter.ALL)).containsExactly(acl);
                    assertThat(each.quotas().list()).containsExactly(quota);
                    assertThat(decide(each, "orders-1"))
                            .isEqualTo(new AccessDecision.AllowedBy(acl));
                    assertThat(decide(each, "orders")).isEqualTo(new AccessDecision.NotAllowed());
                }
            }
        }
    }

    /** Returns a client that sends all requests to one node. */
    private MillraceClient only(MillraceProcess node) {
        return MillraceClient.connect(
                ClientSettings.of(node.address())
                        .withoutDiscovery()
                        .withTokens(TokenSource.file(token())));
    }

    private static AccessDecision decide(MillraceClient client, String topic) {
        return client.acls()
                .test("User:shop", "10.0.0.1", Operation.WRITE, ResourceType.TOPIC, topic);
    }
}
