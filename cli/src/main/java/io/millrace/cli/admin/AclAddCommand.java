package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.client.MillraceClient;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code acl add}. */
@Command(
        name = "add",
        description = {
            "Add ACLs for all combinations of the given principals, hosts, operations and resources.",
            "ACLs that exist already are kept. Either all ACLs are added or none."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace acl add --principal User:shop --producer --topic orders",
            "  millrace acl add --principal User:billing --consumer --topic orders --group billing",
            "  millrace acl add --principal User:audit --operation read --topic logs- --prefix",
            "  millrace acl add --principal User:* --host 203.0.113.9 --operation all --topic *"
                    + " --deny",
            "",
            "Quote * for the shell. A prefix such as logs also matches logs-other: end it with a"
                    + " separator.",
            "With --output json: {acls: [{principal, host, permission, operation, resourceType, match,"
                    + " name}]}."
        })
final class AclAddCommand extends ClientCommand {

    @Option(
            names = "--principal",
            paramLabel = "P",
            required = true,
            description =
                    "Principal, such as User:alice; User:* for all principals. May be repeated.")
    List<String> principals = List.of();

    @Option(
            names = "--host",
            paramLabel = "IP",
            defaultValue = Acl.ANY_HOST,
            description = "IP address of clients. May be repeated (default: all addresses).")
    List<String> hosts = List.of();

    @Option(names = "--deny", description = "Deny the operations instead of allowing them.")
    boolean deny;

    @Option(names = "--prefix", description = "The names of the resources are prefixes.")
    boolean prefix;

    @Option(
            names = "--producer",
            description = "The operations of a producer: write to the topics.")
    boolean producer;

    @Option(
            names = "--consumer",
            description = "The operations of a consumer: read from the topics and in the groups.")
    boolean consumer;

    @Mixin AclResources resources = new AclResources();

    AclAddCommand(Console console) {
        super(console);
    }

    @Override
    public CommandResult run(MillraceClient client) {
        List<ResourcePattern> patterns =
                resources.patterns(
                        prefix ? ResourcePattern.Match.PREFIXED : ResourcePattern.Match.LITERAL);
        requireComplete(patterns);
        Set<Acl> acls = new LinkedHashSet<>();
        for (String principal : principals) {
            for (String host : hosts) {
                for (ResourcePattern pattern : patterns) {
                    operations(pattern.type())
                            .forEach(operation ->
                                    acls.add(
                                            new Acl(
                                                    principal,
                                                    host,
                                                    operation,
                                                    deny ? Permission.DENY : Permission.ALLOW,
                                                    pattern)));
                }
            }
        }
        client.acls().change(acls, List.of());
        return AclRows.of(
                "Added %d ACL%s:".formatted(acls.size(), acls.size() == 1 ? "" : "s"), acls);
    }

    private void requireComplete(List<ResourcePattern> patterns) {
        if (patterns.isEmpty()) {
            throw common.usage("Name at least one resource, such as --topic or --cluster.");
        }
        if (resources.operations.isEmpty() && !producer && !consumer) {
            throw common.usage("Name at least one --operation, --producer or --consumer.");
        }
        if (producer && resources.topics.isEmpty()) {
            throw common.usage("--producer requires --topic.");
        }
        if (consumer && (resources.topics.isEmpty() || resources.groups.isEmpty())) {
            throw common.usage("--consumer requires --topic and --group.");
        }
    }

    private Set<Operation> operations(ResourceType type) {
        Set<Operation> operations = new LinkedHashSet<>();
        for (String text : resources.operations) {
            Operation operation = common.parsed("--operation", text, AclResources::operation);
            if (!type.operations().contains(operation)) {
                throw common.usage(
                        "--operation: %s does not exist for a %s; use %s."
                                .formatted(
                                        AclRows.text(operation),
                                        AclRows.text(type),
                                        type.operations().stream()
                                                .map(AclRows::text)
                                                .collect(Collectors.joining(", "))));
            }
            operations.add(operation);
        }
        if (producer && type == ResourceType.TOPIC) {
            operations.add(Operation.WRITE);
        }
        if (consumer && (type == ResourceType.TOPIC || type == ResourceType.GROUP)) {
            operations.add(Operation.READ);
        }
        return operations;
    }
}
