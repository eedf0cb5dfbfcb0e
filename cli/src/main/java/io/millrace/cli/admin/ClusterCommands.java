package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.client.MillraceClient;
import io.millrace.client.cluster.ClusterDescription;
import io.millrace.client.cluster.ClusterNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands {@code cluster}. */
public final class ClusterCommands {

    private ClusterCommands() {}

    /**
     * @param arguments those that follow the name of the group
     * @param more the commands that the server adds
     */
    public static CommandLine of(
            Console console, List<String> arguments, List<ClusterSubcommand> more) {
        Subcommands all =
                new Subcommands()
                        .add("describe", () -> new Describe(console))
                        .add("upgrade", () -> new ClusterUpgradeCommand(console));
        for (ClusterSubcommand each : more) {
            all.add(each.getClass().getAnnotation(Command.class).name(), () -> each);
        }
        return all.addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "cluster",
            description =
                    "Show the cluster and its nodes, raise its feature level, back it up and restore"
                            + " it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace cluster describe --server a:9090,b:9090",
                "  millrace cluster upgrade --dry-run"
            })
    private static final class Group extends CommandGroup {}

    @Command(
            name = "describe",
            description = "Show the live nodes in the view of the node that answers.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace cluster describe",
                "",
                "With --output json: {cluster, answeredBy, featureLevel, nodes: [{id, roles, zone, host,"
                        + " port, featureLevel, version, kafka, kafkaExternal}]}."
            })
    private static final class Describe extends ClientCommand {

        Describe(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            ClusterDescription found = client.describeCluster();
            return new Described(
                    found.cluster(),
                    found.answeredBy(),
                    found.featureLevel(),
                    found.nodes().stream().map(NodeRow::of).toList());
        }

        private record NodeRow(
                String id,
                List<String> roles,
                String zone,
                String host,
                int port,
                int featureLevel,
                String version,
                String kafka,
                String kafkaExternal) {

            static NodeRow of(ClusterNode node) {
                return new NodeRow(
                        node.id(),
                        roles(node),
                        node.zone(),
                        node.host(),
                        node.port(),
                        node.featureLevel(),
                        node.version(),
                        node.kafka().map(Object::toString).orElse(""),
                        node.kafkaExternal().map(Object::toString).orElse(""));
            }

            private static List<String> roles(ClusterNode node) {
                return node.roles().stream()
                        .sorted()
                        .map(role -> role.name().toLowerCase(Locale.ROOT))
                        .toList();
            }

            String line() {
                return "%s\t%s\t%s\t%s:%d\t%s\t%s\t%d\t%s"
                        .formatted(
                                id,
                                String.join(",", roles),
                                zone.isEmpty() ? "-" : zone,
                                host,
                                port,
                                kafka.isEmpty() ? "-" : kafka,
                                kafkaExternal.isEmpty() ? "-" : kafkaExternal,
                                featureLevel,
                                version.isEmpty() ? "-" : version);
            }
        }

        private record Described(
                String cluster, String answeredBy, int featureLevel, List<NodeRow> nodes)
                implements CommandResult {

            @Override
            public List<String> lines() {
                List<String> lines = new ArrayList<>();
                lines.add(
                        "%s: %d node(s), in the view of %s, at feature level %d"
                                .formatted(cluster, nodes.size(), answeredBy, featureLevel));
                lines.add("node\troles\tzone\taddress\tkafka\tkafka external\tlevel\tversion");
                nodes.forEach(node -> lines.add(node.line()));
                int common = nodes.stream().mapToInt(NodeRow::featureLevel).min().orElse(0);
                if (common > featureLevel) {
                    lines.add(
                            "An upgrade is due: all nodes support feature level %d. Raise it with millrace cluster upgrade once no rollback is planned."
                                    .formatted(common));
                }
                return lines;
            }
        }
    }
}
