package io.millrace.cli.admin;

import io.millrace.cli.terminal.CommandGroup;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.Subcommands;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.BucketOperations.BucketObject;
import io.millrace.client.admin.BucketOperations.Condition;
import io.millrace.client.admin.BucketOperations.ObjectState;
import io.millrace.client.error.MillraceException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bucket check}. */
public final class BucketCommands {

    private BucketCommands() {}

    /**
     * @param arguments those that follow the name of the group
     */
    public static CommandLine of(Console console, List<String> arguments) {
        return new Subcommands()
                .add("check", () -> new Check(console))
                .addTo(new CommandLine(new Group()), arguments);
    }

    @Command(
            name = "bucket",
            description = "Inspect the objects in the bucket.",
            footerHeading = "%nExamples:%n",
            footer = {"  millrace bucket check --verify"})
    private static final class Group extends CommandGroup {}

    private static final class Totals implements CommandResult {

        private static final class Total {
            private long objects;
            private long bytes;
            private String explanation = "";
        }

        private final Map<ObjectState, Total> byStatus = new EnumMap<>(ObjectState.class);
        private long missing;
        private long damaged;
        private boolean complete;

        void add(BucketObject object) {
            if (object.condition() == Condition.MISSING) {
                missing++;
                return;
            }
            Total total = byStatus.computeIfAbsent(object.status(), none -> new Total());
            total.objects++;
            total.bytes += object.sizeBytes();
            if (object.condition() == Condition.DAMAGED) {
                damaged++;
            } else {
                total.explanation = object.explanation();
            }
        }

        boolean seen() {
            return missing > 0 || !byStatus.isEmpty();
        }

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("");
            lines.add("status\tobjects\tbytes\tmeaning");
            byStatus.forEach((status, total) ->
                    lines.add(
                            "%s\t%d\t%d\t%s"
                                    .formatted(
                                            word(status),
                                            total.objects,
                                            total.bytes,
                                            total.explanation)));
            lines.add(
                    "%d missing, %d damaged%s"
                            .formatted(
                                    missing,
                                    damaged,
                                    complete ? "" : ", before the check ended early"));
            return lines;
        }

        @Override
        public Object json() {
            List<Map<String, Object>> totals = new ArrayList<>();
            byStatus.forEach((status, total) -> {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("status", word(status));
                json.put("objects", total.objects);
                json.put("bytes", total.bytes);
                totals.add(json);
            });
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("totals", totals);
            json.put("missing", missing);
            json.put("damaged", damaged);
            json.put("complete", complete);
            return json;
        }

        @Override
        public int exitCode() {
            return missing + damaged == 0 ? ExitCode.DONE : ExitCode.FAILED;
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    @Command(
            name = "check",
            description = {
                "List all objects of the bucket with their status in the cluster, and the"
                        + " objects that are missing.",
                "Reads the whole listing: one LIST request for each 1,000 objects."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  millrace bucket check",
                "  millrace bucket check --verify --output json",
                "",
                "With --output json: one line per object, {name, bytes, status, condition,"
                        + " explanation}, then one line {totals: [{status, objects, bytes}], missing,"
                        + " damaged, complete}. The exit code is 1 if an object is missing or damaged, or"
                        + " if the check ended early; the totals then cover the objects checked so far."
                        + " An object counts as damaged if it cannot be read while others can."
            })
    private static final class Check implements Callable<Integer> {

        private final Console console;
        @Mixin ConnectionOptions common;

        @Option(
                names = "--verify",
                description =
                        "Read all objects with records, and the metadata log's archives and checkpoint,"
                                + " and verify their checksums. Costs one GET for each 4 MiB of records and one"
                                + " for each other object.")
        boolean verify;

        Check(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            Totals totals = new Totals();
            try (MillraceClient client = common.connect()) {
                if (!common.isJson()) {
                    String heading = "object\tbytes\tstatus";
                    common.print(console, CommandResult.of(heading, List.of(heading)));
                }
                client.bucket()
                        .check(
                                verify,
                                object -> {
                                    totals.add(object);
                                    common.print(console, Seen.of(object));
                                });
                totals.complete = true;
            } catch (MillraceException early) {
                // Partial totals are still useful.
                if (totals.seen()) {
                    common.print(console, totals);
                }
                throw early;
            }
            return common.print(console, totals);
        }

        private record Seen(
                String name, long bytes, String status, String condition, String explanation)
                implements CommandResult {

            static Seen of(BucketObject object) {
                return new Seen(
                        object.name(),
                        object.sizeBytes(),
                        word(object.status()),
                        word(object.condition()),
                        object.explanation());
            }

            @Override
            public List<String> lines() {
                boolean sound = condition.equals(word(Condition.SOUND));
                return List.of(
                        "%s\t%d\t%s%s"
                                .formatted(
                                        name.replaceAll("\\p{Cntrl}", "?"),
                                        bytes,
                                        status,
                                        sound ? "" : "\t%s: %s".formatted(condition, explanation)));
            }
        }
    }
}
