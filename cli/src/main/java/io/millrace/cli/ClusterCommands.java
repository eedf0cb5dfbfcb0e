package io.millrace.cli;

import io.millrace.client.ClusterDescription;
import io.millrace.client.ClusterNode;
import io.millrace.client.MillraceClient;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code cluster describe}. */
final class ClusterCommands {

    private ClusterCommands() {}

    static CommandLine of(Console console) {
        return new CommandLine(new Group()).addSubcommand(new Describe(console));
    }

    private static List<String> roles(ClusterNode node) {
        return node.roles().stream()
                .sorted()
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    @Command(
            name = "cluster",
            description = "Show the cluster and its nodes.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace cluster describe --server a:9090,b:9090"})
    private static final class Group extends CommandGroup {}

    @Command(
            name = "describe",
            description = "Show the live nodes, as the node that answers sees them.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace cluster describe",
                "",
                "With --output json: {cluster, answeredBy, nodes: [{id, roles, zone, host, port}]}."
            })
    private static final class Describe implements Callable<Integer> {
        private final Console console;
        @Mixin Common common;

        Describe(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            try (MillraceClient client = common.connect()) {
                ClusterDescription found = client.describeCluster();
                if (common.json()) {
                    console.json(json(found));
                } else {
                    text(found);
                }
            }
            return 0;
        }

        private static Map<String, Object> json(ClusterDescription found) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("cluster", found.cluster());
            json.put("answeredBy", found.answeredBy());
            json.put("nodes", found.nodes().stream().map(Describe::json).toList());
            return json;
        }

        private static Map<String, Object> json(ClusterNode node) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", node.id());
            json.put("roles", roles(node));
            json.put("zone", node.zone());
            json.put("host", node.host());
            json.put("port", node.port());
            return json;
        }

        private void text(ClusterDescription found) {
            console.line(
                    "%s: %d node(s), as %s sees it"
                            .formatted(found.cluster(), found.nodes().size(), found.answeredBy()));
            console.line("node\troles\tzone\taddress");
            for (ClusterNode node : found.nodes()) {
                console.line(
                        "%s\t%s\t%s\t%s:%d"
                                .formatted(
                                        node.id(),
                                        String.join(",", roles(node)),
                                        node.zone().isEmpty() ? "-" : node.zone(),
                                        node.host(),
                                        node.port()));
            }
        }
    }
}
