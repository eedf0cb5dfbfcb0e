package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.AclOperations;
import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclFilter;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands {@code acl add|list|remove|test}. */
public final class AclCommands {

    private static final String ACLS_AS_JSON =
            "With --output json: {acls: [{principal, host, permission, operation, resourceType,"
                    + " match, name}]}.";

    private AclCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("add", () -> new AclAddCommand(console))
                .add("list", () -> new ListMatching(console))
                .add("remove", () -> new Remove(console))
                .add("test", () -> new Test(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "acl",
            description = {
                "Add, list, remove and test access control lists (ACLs).",
                "An ACL allows or denies a principal an operation on a resource. A denial wins, and"
                        + " what no ACL allows is denied."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace acl add --principal User:shop --producer --topic orders",
                "  millrace acl add --principal User:billing --consumer --topic orders --group billing",
                "  millrace acl list --principal User:shop",
                "  millrace acl test --principal User:shop --operation read --topic orders"
            })
    private static final class Group extends CommandGroup {}

    /** The options of a filter of ACLs. */
    private abstract static class Filtered extends ClientCommand {

        @Option(
                names = "--principal",
                paramLabel = "P",
                description = "ACLs of this principal, such as User:alice.")
        @Nullable String principal;

        @Option(names = "--host", paramLabel = "IP", description = "ACLs of this IP address.")
        @Nullable String host;

        @Option(
                names = "--prefix",
                description = "Only ACLs whose resource is a prefix with this name.")
        boolean prefix;

        @Option(
                names = "--matching",
                description =
                        "All ACLs that apply to the named resource, by its name, by a prefix of its"
                                + " name or by *.")
        boolean matching;

        @Option(names = "--deny", description = "Only ACLs that deny.")
        boolean deny;

        @Mixin AclResources resources = new AclResources();

        Filtered(Console console) {
            super(console);
        }

        AclFilter filter() {
            List<ResourcePattern> patterns = resources.patterns(ResourcePattern.Match.LITERAL);
            if (patterns.size() > 1 || resources.operations.size() > 1) {
                throw common.usage("Name at most one resource and one operation to select ACLs.");
            }
            if (prefix && matching) {
                throw common.usage("--prefix and --matching exclude each other.");
            }
            if ((prefix || matching) && patterns.isEmpty()) {
                throw common.usage("--prefix and --matching require a resource, such as --topic.");
            }
            AclFilter filter = AclFilter.ALL;
            for (ResourcePattern pattern : patterns) {
                filter = filter.ofType(pattern.type()).named(names(), pattern.name());
            }
            for (String operation : resources.operations) {
                filter =
                        filter.ofOperation(
                                common.parsed("--operation", operation, AclResources::operation));
            }
            filter = principal == null ? filter : filter.ofPrincipal(principal);
            filter = host == null ? filter : filter.ofHost(host);
            return deny ? filter.ofPermission(Permission.DENY) : filter;
        }

        private AclFilter.Names names() {
            if (prefix) {
                return AclFilter.Names.PREFIXED;
            }
            return matching ? AclFilter.Names.MATCH : AclFilter.Names.ANY;
        }
    }

    @Command(
            name = "list",
            description = "List the ACLs that match all given options; all ACLs without options.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace acl list",
                "  millrace acl list --topic orders --matching",
                "",
                ACLS_AS_JSON
            })
    private static final class ListMatching extends Filtered {

        ListMatching(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return AclRows.of("", client.acls().list(filter()));
        }
    }

    @Command(
            name = "remove",
            description = {
                "Remove the ACLs that match all given options.",
                "A removed ACL that denies may give rights: try with --dry-run first."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace acl remove --principal User:shop --dry-run",
                "  millrace acl remove --principal User:shop --topic orders --operation write",
                "",
                ACLS_AS_JSON + " These are the removed ACLs."
            })
    private static final class Remove extends Filtered {

        @Option(names = "--dry-run", description = "Show the ACLs without removing them.")
        boolean dryRun;

        Remove(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            AclFilter filter = filter();
            if (filter.equals(AclFilter.ALL)) {
                throw common.usage("Select the ACLs to remove, for example with --principal.");
            }
            List<Acl> found = client.acls().list(filter);
            if (!dryRun) {
                for (int from = 0; from < found.size(); from += AclOperations.MAX_CHANGES) {
                    int to = Math.min(found.size(), from + AclOperations.MAX_CHANGES);
                    client.acls().change(List.of(), found.subList(from, to));
                }
            }
            String heading =
                    found.isEmpty()
                            ? "No ACL matches."
                            : "%s %d ACL%s:"
                                    .formatted(
                                            dryRun ? "Would remove" : "Removed",
                                            found.size(),
                                            found.size() == 1 ? "" : "s");
            return AclRows.of(heading, found);
        }
    }

    @Command(
            name = "test",
            description = "Decide an access as the servers do, and show the ACL that decides.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace acl test --principal User:shop --operation write --topic orders",
                "",
                "With --output json: {allowed, cause, acl: {principal, host, permission, operation,"
                        + " resourceType, match, name}}. The cause is acl, no-acl, superuser or"
                        + " not-enforced; acl is null unless it is the cause. The exit code is 1 if the"
                        + " access is denied."
            })
    private static final class Test extends ClientCommand {

        @Option(
                names = "--principal",
                paramLabel = "P",
                required = true,
                description = "Principal, such as User:alice.")
        String principal;

        @Option(
                names = "--host",
                paramLabel = "IP",
                defaultValue = "",
                description = "IP address of the client (default: an address of no ACL).")
        String host;

        @Mixin AclResources resources = new AclResources();

        Test(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            List<ResourcePattern> patterns = resources.patterns(ResourcePattern.Match.LITERAL);
            if (patterns.size() != 1 || resources.operations.size() != 1) {
                throw common.usage("Name one resource, such as --topic, and one --operation.");
            }
            ResourcePattern resource = patterns.getFirst();
            Operation operation =
                    common.parsed(
                            "--operation",
                            resources.operations.getFirst(),
                            AclResources::operation);
            AccessDecision decision =
                    client.acls()
                            .test(principal, host, operation, resource.type(), resource.name());
            return result(
                    decision,
                    "%s %s %s %s"
                            .formatted(
                                    AclRows.text(operation),
                                    AclRows.text(resource.type()),
                                    resource.name(),
                                    "for " + principal));
        }

        private static CommandResult result(AccessDecision decision, String access) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("allowed", decision.allowed());
            String cause =
                    switch (decision) {
                        case AccessDecision.AllowedBy(Acl acl) -> by(json, acl);
                        case AccessDecision.DeniedBy(Acl acl) -> by(json, acl);
                        case AccessDecision.NotAllowed _ ->
                                without(json, "no-acl", "no ACL matches");
                        case AccessDecision.AllowedToSuperuser _ ->
                                without(json, "superuser", "the principal is a superuser");
                        case AccessDecision.NotEnforced _ ->
                                without(json, "not-enforced", "the servers do not enforce ACLs");
                    };
            return CommandResult.of(
                    json,
                    List.of(
                            "%s: %s, because %s"
                                    .formatted(
                                            decision.allowed() ? "allowed" : "denied",
                                            access,
                                            cause)),
                    decision.allowed() ? ExitCode.DONE : ExitCode.FAILED);
        }

        private static String by(Map<String, @Nullable Object> json, Acl acl) {
            AclRows.Row row = AclRows.Row.of(acl);
            json.put("cause", "acl");
            json.put("acl", row);
            return "of the ACL " + row.line().replace('\t', ' ');
        }

        private static String without(
                Map<String, @Nullable Object> json, String cause, String sentence) {
            json.put("cause", cause);
            json.put("acl", null);
            return sentence;
        }
    }
}
