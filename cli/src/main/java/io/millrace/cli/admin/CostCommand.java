package io.millrace.cli.admin;

import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.BucketUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code cost}. */
@Command(
        name = "cost",
        description = {
            "Show stored bytes, requests to the bucket, and their cost.",
            "Each node counts its requests since the start of its process. Requests of"
                    + " nodes that no longer run are not included.",
            "An object with records of several topics counts for each topic."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace cost",
            "  millrace cost --put-price 0.0054 --get-price 0.00043 --storage-price 0.0245",
            "  millrace cost --list-price 0.001 --delete-price 0.0001",
            "",
            "With --output json: {kinds: [{kind, objects, bytes, live, monthly}], topics:"
                    + " [{topic, objects, live}], requests: [{operation, answered, failed, cost}],"
                    + " nodes: [{id, seconds}], silent: [id], produced, delivered, written, read,"
                    + " cost, costPerGib, putPerGib, getPerGib, listPerGib, writeAmplification,"
                    + " readAmplification, spaceAmplification}; a ratio is missing if its denominator"
                    + " is 0."
        })
public final class CostCommand implements Callable<Integer> {

    private static final double GIB = 1L << 30;

    private static final List<Prices.Kind> COUNTED =
            List.of(Prices.Kind.PUT, Prices.Kind.GET, Prices.Kind.LIST);

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--put-price",
            paramLabel = "PRICE",
            defaultValue = "0.005",
            description =
                    "Price of 1,000 write requests; default ${DEFAULT-VALUE}, the list price of S3"
                            + " Standard in us-east-1, in dollars.")
    double putPrice;

    @Option(
            names = "--get-price",
            paramLabel = "PRICE",
            defaultValue = "0.0004",
            description = "Price of 1,000 read requests; default ${DEFAULT-VALUE}.")
    double getPrice;

    @Option(
            names = "--list-price",
            paramLabel = "PRICE",
            description = "Price of 1,000 list requests; default: the value of --put-price.")
    @Nullable Double listPrice;

    @Option(
            names = "--delete-price",
            paramLabel = "PRICE",
            defaultValue = "0",
            description =
                    "Price of 1,000 requests that delete an object or abort an upload; default"
                            + " ${DEFAULT-VALUE}, as S3 does not charge for these.")
    double deletePrice;

    @Option(
            names = "--storage-price",
            paramLabel = "PRICE",
            defaultValue = "0.0247",
            description =
                    "Price of 1 GiB for a month; default ${DEFAULT-VALUE}, which is 0.023 for"
                            + " 1,000,000,000 bytes.")
    double storagePrice;

    public CostCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        price("--put-price", putPrice);
        price("--get-price", getPrice);
        price("--list-price", listPrice == null ? putPrice : listPrice);
        price("--delete-price", deletePrice);
        price("--storage-price", storagePrice);
        BucketUsage usage;
        try (MillraceClient client = common.connect()) {
            usage = client.bucket().usage();
        }
        Report report =
                new Report(
                        usage,
                        new Prices(
                                putPrice,
                                getPrice,
                                listPrice == null ? putPrice : listPrice,
                                deletePrice,
                                storagePrice));
        return common.print(console, report);
    }

    private void price(String option, double given) {
        if (!(given >= 0 && Double.isFinite(given))) {
            throw common.usage("%s must be at least 0, not %s.".formatted(option, given));
        }
    }

    private record Report(BucketUsage usage, Prices prices) implements CommandResult {

        private long ofNodes(ToLongFunction<BucketUsage.Node> value) {
            return usage.nodes().stream().mapToLong(value).sum();
        }

        private long ofLevels(ToLongFunction<BucketUsage.StageUsage> value) {
            return usage.levels().stream().mapToLong(value).sum();
        }

        private double cost() {
            return usage.requests().stream().mapToDouble(prices::of).sum();
        }

        /** Returns the ratios with a non-zero denominator, by name. */
        private Map<String, Double> ratios() {
            long produced = ofNodes(BucketUsage.Node::producedBytes);
            long delivered = ofNodes(BucketUsage.Node::deliveredBytes);
            long live = ofLevels(BucketUsage.StageUsage::liveBytes);
            Map<String, Double> ratios = new LinkedHashMap<>();
            if (produced > 0) {
                ratios.put("costPerGib", cost() / (produced / GIB));
                for (Prices.Kind kind : COUNTED) {
                    ratios.put(
                            perGib(kind), Prices.count(kind, usage.requests()) / (produced / GIB));
                }
                ratios.put(
                        "writeAmplification",
                        (double) ofNodes(BucketUsage.Node::writtenBytes) / produced);
            }
            if (delivered > 0) {
                ratios.put(
                        "readAmplification",
                        (double) ofNodes(BucketUsage.Node::readBytes) / delivered);
            }
            if (live > 0) {
                ratios.put(
                        "spaceAmplification",
                        (double) ofLevels(BucketUsage.StageUsage::sizeBytes) / live);
            }
            return ratios;
        }

        private static String perGib(Prices.Kind kind) {
            return kind.label() + "PerGib";
        }

        private static String word(BucketUsage.StageUsage level) {
            return level.stage().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }

        @Override
        public Object json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put(
                    "kinds",
                    usage.levels().stream()
                            .map(level ->
                                    row(
                                            "kind", word(level),
                                            "objects", level.objects(),
                                            "bytes", level.sizeBytes(),
                                            "live", level.liveBytes(),
                                            "monthly", prices.monthly(level.sizeBytes())))
                            .toList());
            json.put(
                    "topics",
                    usage.topics().stream()
                            .map(topic ->
                                    row(
                                            "topic", topic.name(),
                                            "objects", topic.objects(),
                                            "live", topic.liveBytes()))
                            .toList());
            json.put(
                    "requests",
                    usage.requests().stream()
                            .map(each ->
                                    row(
                                            "operation", each.operation(),
                                            "answered", each.answered(),
                                            "failed", each.failed(),
                                            "cost", prices.of(each)))
                            .toList());
            json.put(
                    "nodes",
                    usage.nodes().stream()
                            .map(node ->
                                    row("id", node.id(), "seconds", node.counted().toSeconds()))
                            .toList());
            json.put("silent", usage.silent());
            json.put("produced", ofNodes(BucketUsage.Node::producedBytes));
            json.put("delivered", ofNodes(BucketUsage.Node::deliveredBytes));
            json.put("written", ofNodes(BucketUsage.Node::writtenBytes));
            json.put("read", ofNodes(BucketUsage.Node::readBytes));
            json.put("cost", cost());
            json.putAll(ratios());
            return json;
        }

        private static Map<String, Object> row(Object... namesAndValues) {
            Map<String, Object> row = new LinkedHashMap<>();
            for (int i = 0; i < namesAndValues.length; i += 2) {
                row.put((String) namesAndValues[i], namesAndValues[i + 1]);
            }
            return row;
        }

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("kind\tobjects\tbytes\tlive bytes\tper month");
            for (BucketUsage.StageUsage level : usage.levels()) {
                lines.add(
                        "%s\t%d\t%d\t%d\t%s"
                                .formatted(
                                        word(level),
                                        level.objects(),
                                        level.sizeBytes(),
                                        level.liveBytes(),
                                        money(prices.monthly(level.sizeBytes()))));
            }
            lines.add("");
            lines.add("topic\tobjects\tbytes");
            usage.topics()
                    .forEach(topic ->
                            lines.add(
                                    "%s\t%d\t%d"
                                            .formatted(
                                                    topic.name(),
                                                    topic.objects(),
                                                    topic.liveBytes())));
            lines.add("");
            lines.add("request\tanswered\tfailed\tcost");
            for (BucketUsage.Requests each : usage.requests()) {
                lines.add(
                        "%s\t%d\t%d\t%s"
                                .formatted(
                                        each.operation(),
                                        each.answered(),
                                        each.failed(),
                                        money(prices.of(each))));
            }
            lines.add("");
            summary(lines);
            return lines;
        }

        private void summary(List<String> lines) {
            Duration max =
                    usage.nodes().stream()
                            .map(BucketUsage.Node::counted)
                            .max(Duration::compareTo)
                            .orElse(Duration.ZERO);
            lines.add(
                    "%d node(s), longest running for %d s, cost of requests: %s"
                            .formatted(usage.nodes().size(), max.toSeconds(), money(cost())));
            lines.add(
                    "bytes: %d produced, %d delivered, %d written to the bucket, %d read from the bucket"
                            .formatted(
                                    ofNodes(BucketUsage.Node::producedBytes),
                                    ofNodes(BucketUsage.Node::deliveredBytes),
                                    ofNodes(BucketUsage.Node::writtenBytes),
                                    ofNodes(BucketUsage.Node::readBytes)));
            Map<String, Double> ratios = ratios();
            if (ratios.containsKey("costPerGib")) {
                lines.add(
                        "requests per GiB produced: %s, cost %s"
                                .formatted(
                                        COUNTED.stream()
                                                .map(kind -> count(ratios, kind))
                                                .collect(Collectors.joining(", ")),
                                        money(ratios.get("costPerGib"))));
            }
            report(lines, ratios, "writeAmplification", "bytes written per byte produced: %.2f");
            report(lines, ratios, "readAmplification", "bytes read per byte delivered: %.2f");
            report(lines, ratios, "spaceAmplification", "bytes stored per live byte: %.2f");
            if (!usage.silent().isEmpty()) {
                lines.add(
                        "not included, as these nodes did not answer: "
                                + String.join(", ", List.copyOf(usage.silent())));
            }
        }

        private static String count(Map<String, Double> ratios, Prices.Kind kind) {
            return String.format(Locale.ROOT, "%.1f %s", ratios.get(perGib(kind)), kind.name());
        }

        private static void report(
                List<String> lines, Map<String, Double> ratios, String name, String sentence) {
            Double ratio = ratios.get(name);
            if (ratio != null) {
                lines.add(String.format(Locale.ROOT, sentence, ratio));
            }
        }

        private static String money(double amount) {
            return String.format(Locale.ROOT, "%.4f", amount);
        }
    }
}
