package io.millrace.cli.admin;

import io.millrace.cli.terminal.ClientCommand;
import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.SizeConverter;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.client.MillraceClient;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands {@code quota set|list|remove}. */
public final class QuotaCommands {

    private static final String QUOTAS_AS_JSON =
            "With --output json: {quotas: [{principal, kind, perSecond}]}. The kind is bytes-in,"
                    + " bytes-out or requests.";

    private QuotaCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("set", () -> new SetLimits(console))
                .add("list", () -> new ListAll(console))
                .add("remove", () -> new Remove(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "quota",
            description = {
                "Set, list and remove quotas of principals.",
                "Each node delays the requests of a principal that exceeds a quota."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace quota set --principal User:shop --bytes-in 10M --requests 500",
                "  millrace quota list"
            })
    private static final class Group extends CommandGroup {}

    private record Row(String principal, String kind, long perSecond) {

        static Row of(Quota quota) {
            return new Row(quota.key().principal(), quota.key().kind().text(), quota.perSecond());
        }

        String line() {
            return "%s\t%s\t%d".formatted(principal, kind, perSecond);
        }
    }

    /** The quotas as a table. */
    private record Rows(List<Row> quotas) implements CommandResult {

        static Rows of(List<Quota> quotas) {
            return new Rows(quotas.stream().map(Row::of).toList());
        }

        @Override
        public List<String> lines() {
            if (quotas.isEmpty()) {
                return List.of();
            }
            List<String> lines = new ArrayList<>();
            lines.add("principal\tkind\tper second");
            quotas.forEach(row -> lines.add(row.line()));
            return lines;
        }
    }

    private abstract static class OfPrincipal extends ClientCommand {

        @Option(
                names = "--principal",
                paramLabel = "P",
                description = "Principal, such as User:alice.")
        @Nullable String principal;

        @Option(
                names = "--default",
                description =
                        "The default of each principal that has no quota of the kind, shown as"
                                + " User:*.")
        boolean ofAll;

        OfPrincipal(Console console) {
            super(console);
        }

        final QuotaKey key(QuotaKind kind) {
            String given = principal;
            if ((given == null) != ofAll) {
                throw common.usage("Use either --principal or --default.");
            }
            return new QuotaKey(given == null ? QuotaKey.DEFAULT : given, kind);
        }
    }

    @Command(
            name = "set",
            description = {
                "Set quotas of a principal. Other quotas remain unchanged.",
                "The quotas hold for each node on its own, with all connections of the principal"
                        + " together."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace quota set --principal User:shop --bytes-in 10M --requests 500",
                "  millrace quota set --default --bytes-out 50M",
                "",
                QUOTAS_AS_JSON
            })
    private static final class SetLimits extends OfPrincipal {

        @Option(
                names = "--bytes-in",
                paramLabel = "N",
                description = "Bytes per second that the principal sends, such as 10M.")
        @Nullable String bytesIn;

        @Option(
                names = "--bytes-out",
                paramLabel = "N",
                description = "Bytes per second that the principal receives, such as 10M.")
        @Nullable String bytesOut;

        @Option(
                names = "--requests",
                paramLabel = "N",
                description = "Requests per second, such as 500.")
        @Nullable String requests;

        SetLimits(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            List<Quota> quotas = new ArrayList<>();
            add(quotas, QuotaKind.BYTES_IN, bytesIn);
            add(quotas, QuotaKind.BYTES_OUT, bytesOut);
            add(quotas, QuotaKind.REQUESTS, requests);
            if (quotas.isEmpty()) {
                throw common.usage("Give at least one of --bytes-in, --bytes-out and --requests.");
            }
            client.quotas().change(quotas, List.of());
            return Rows.of(quotas);
        }

        private void add(List<Quota> quotas, QuotaKind kind, @Nullable String limit) {
            if (limit != null) {
                String option = "--" + kind.text();
                long perSecond = common.parsed(option, limit, SizeConverter::parse);
                if (perSecond < 1 || perSecond > Quota.MAX_PER_SECOND) {
                    throw common.usage(
                            "%s must be 1 to %d, not %s."
                                    .formatted(option, Quota.MAX_PER_SECOND, limit));
                }
                quotas.add(new Quota(key(kind), perSecond));
            }
        }
    }

    @Command(
            name = "list",
            description = "List all quotas by principal.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace quota list", "", QUOTAS_AS_JSON})
    private static final class ListAll extends ClientCommand {

        ListAll(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            return Rows.of(client.quotas().list());
        }
    }

    @Command(
            name = "remove",
            description = "Remove quotas of a principal; all of them unless some are named.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace quota remove --principal User:shop",
                "  millrace quota remove --principal User:shop --requests",
                "",
                "With --output json: {principal, removed: [kind]}."
            })
    private static final class Remove extends OfPrincipal {

        @Option(names = "--bytes-in", description = "Remove the quota of bytes sent.")
        boolean bytesIn;

        @Option(names = "--bytes-out", description = "Remove the quota of bytes received.")
        boolean bytesOut;

        @Option(names = "--requests", description = "Remove the quota of requests.")
        boolean requests;

        Remove(Console console) {
            super(console);
        }

        @Override
        public CommandResult run(MillraceClient client) {
            boolean all = !bytesIn && !bytesOut && !requests;
            List<QuotaKey> keys = new ArrayList<>();
            add(keys, QuotaKind.BYTES_IN, all || bytesIn);
            add(keys, QuotaKind.BYTES_OUT, all || bytesOut);
            add(keys, QuotaKind.REQUESTS, all || requests);
            client.quotas().change(List.of(), keys);
            Removed removed =
                    new Removed(
                            keys.getFirst().principal(),
                            keys.stream().map(key -> key.kind().text()).toList());
            return CommandResult.of(
                    removed,
                    List.of(
                            "%s has no quotas for %s."
                                    .formatted(
                                            removed.principal(),
                                            String.join(", ", removed.removed()))));
        }

        private void add(List<QuotaKey> keys, QuotaKind kind, boolean wanted) {
            if (wanted) {
                keys.add(key(kind));
            }
        }

        /** The result in JSON. */
        private record Removed(String principal, List<String> removed) {}
    }
}
