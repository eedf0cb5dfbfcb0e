package io.millrace.cli.verify;

import io.millrace.cli.terminal.BenchReport;
import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.TopicSetup;
import io.millrace.cli.verify.proof.AckLedger;
import io.millrace.cli.verify.proof.RecordContent;
import io.millrace.cli.verify.proof.Violation;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.cluster.ClusterNode;
import io.millrace.runtime.SystemAccess;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace verify}. */
@Command(
        name = "verify",
        description = {
            "Prove that what is acknowledged is kept: once, at its offset, in order, unchanged.",
            "Sends records that carry a sequence and a chained hash, reads them while they are"
                    + " written and again at the end, and compares with what was acknowledged. Servers may"
                    + " be killed and started again meanwhile: standard error says for how long service was"
                    + " away. Ctrl-C ends the sending, and proves what was sent so far; pressed again, it"
                    + " ends the command."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace verify --duration 60",
            "  millrace verify --server a:9090,b:9090 --partitions 100 --producers 10 --rate 200k",
            "",
            "Ends with 0 if all is proven, and with 1 at the first violation, which it names with"
                    + " its partition and offset, or if service stays away. With --output json: one object"
                    + " {verified, topic, partitions, producers, acknowledged, notStored, unknown,"
                    + " unknownStored, removed, compacted, longestAbsenceSeconds, passes}, or {verified: false,"
                    + " ..., violation: {kind, partition, offset, message}}. Nobody else may write to the"
                    + " topic.",
            "Records below the log start are not lost, but removed by retention or by hand; on a"
                    + " compacted topic neither is a record of whose key a newer one is there. Both are"
                    + " counted and said."
        })
public final class VerifyCommand implements Callable<Integer> {

    private static final int KEYS_OF_A_COMPACTED_TOPIC = 100;

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Created if it is missing (default: a new one).")
    @Nullable String topic;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Partitions of a new topic (default: ${DEFAULT-VALUE}).")
    int partitions;

    @Option(
            names = "--producers",
            paramLabel = "N",
            defaultValue = "2",
            description = "Producers at once (default: ${DEFAULT-VALUE}).")
    int producers;

    @Option(
            names = "--pinned",
            description =
                    "Use the servers of --server alone, and send with each producer through one,"
                            + " instead of finding the cluster's nodes and moving among them as"
                            + " clients do.")
    boolean pinned;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            defaultValue = "1M",
            description =
                    "Of each producer: bytes a second, or records a second as 10l; 0 for all that"
                            + " is possible (default: ${DEFAULT-VALUE}).")
    String rate;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "10",
            description = "Seconds of sending (default: ${DEFAULT-VALUE}).")
    int durationSeconds;

    @Option(
            names = "--record-size",
            paramLabel = "SIZE",
            defaultValue = "1Ki",
            description = "Bytes of a value, at least 40 (default: ${DEFAULT-VALUE}).")
    String recordSize;

    @Option(
            names = "--keys",
            paramLabel = "N",
            description =
                    "Keys that each producer uses in turn in each partition, 0 for records without"
                            + " (default: 0, and 100 on a compacted topic).")
    @Nullable Integer keys;

    @Option(
            names = "--readers",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Readers while records are sent, spread over the servers (default:"
                            + " ${DEFAULT-VALUE}).")
    int readers;

    @Option(
            names = "--patience",
            paramLabel = "S",
            defaultValue = "120",
            description = "Seconds for which service may be away (default: ${DEFAULT-VALUE}).")
    int patienceSeconds;

    public VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    @SystemAccess("makes numbers that tell runs apart")
    public Integer call() throws InterruptedException {
        common.atLeast("--partitions", 1, partitions);
        common.atLeast("--producers", 1, producers);
        common.atLeast("--duration", 1, durationSeconds);
        common.atLeast("--readers", 1, readers);
        common.atLeast("--patience", 1, patienceSeconds);
        common.atLeast("--keys", 0, keys == null ? 0 : keys);
        long run = new SecureRandom().nextLong();
        String name = topic != null ? topic : "verify-%016x".formatted(run);
        int recordBytes = common.size("--record-size", recordSize, RecordContent.MIN_BYTES);
        RatePacer pace = common.parsed("--rate", rate, RatePacer::parse);
        try (MillraceClient cluster = common.connect();
                VerifiedServers servers = common.parsed("--server", addresses(cluster), VerifiedServers::of)) {
            servers.any(client -> TopicSetup.ensure(client, name, partitions));
            VerifyRun.Plan plan =
                    new VerifyRun.Plan(
                            name,
                            run,
                            recordBytes,
                            servers.any(client -> keys(client.topics().describe(name).topic())),
                            producers,
                            pinned,
                            readers,
                            pace,
                            Duration.ofSeconds(durationSeconds),
                            Duration.ofSeconds(patienceSeconds));
            VerifyRun verify = new VerifyRun(plan, servers, cluster, console.err());
            try (InterruptSignal early = new InterruptSignal(verify::stopSending)) {
                verify.run();
            }
            return report(verify, servers);
        }
    }

    private RecordContent.Keys keys(TopicOperations.Topic found) {
        boolean isCompacted =
                found.config().getOrDefault("cleanup.policy", "delete").contains("compact");
        return new RecordContent.Keys(
                keys != null ? keys : isCompacted ? KEYS_OF_A_COMPACTED_TOPIC : 0, isCompacted);
    }

    /** Returns the addresses of the servers to use: the fetch nodes of a cluster; for a single server or with {@code --pinned}, the given addresses. */
    private String addresses(MillraceClient cluster) {
        if (pinned) {
            return common.server;
        }
        List<ClusterNode> nodes = cluster.describeCluster().nodes();
        List<String> serving =
                nodes.stream()
                        .filter(node -> node.roles().contains(ClusterNode.Role.FETCH))
                        .map(node -> node.host() + ":" + node.port())
                        .toList();
        return nodes.size() < 2 || serving.isEmpty() ? common.server : String.join(",", serving);
    }

    private int report(VerifyRun run, VerifiedServers servers) {
        Optional<Violation> violation = run.evidence().violation();
        long acknowledged = run.evidence().sum(AckLedger::acknowledged);
        if (violation.isEmpty() && acknowledged == 0) {
            throw new CommandFailedException(
                    "Nothing was acknowledged, so nothing is proven: "
                            + run.evidence().refusal().orElse("give it more time."));
        }
        long removed = run.evidence().sum(AckLedger::removed);
        if (violation.isEmpty() && removed == acknowledged) {
            throw new CommandFailedException(
                    "All %d acknowledged records were removed by retention or by hand before they were read in the end, so nothing is proven: let topic %s keep them longer."
                            .formatted(acknowledged, run.topic()));
        }
        BenchReport measured = new BenchReport().put("verified", violation.isEmpty());
        run.measured(measured);
        violation.ifPresentOrElse(
                wrong -> measured.put("violation", fields(wrong)),
                () -> measured.put("passes", run.passes()));
        String sentence =
                violation
                        .map(wrong -> "VIOLATION (%s): %s".formatted(wrong.kind(), wrong.message()))
                        .orElseGet(() -> summary(run, servers, acknowledged));
        common.print(console, CommandResult.of(measured.json(), List.of(sentence)));
        return violation.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static Map<String, Object> fields(Violation violation) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", violation.kind());
        fields.put("partition", violation.partition());
        fields.put("offset", violation.offset());
        fields.put("message", violation.message());
        return fields;
    }

    private static String summary(VerifyRun run, VerifiedServers servers, long acknowledged) {
        return ("Verified: %d acknowledged records in %d partitions of topic %s are there%s once, at their"
                        + " offsets, in order and unchanged, in %d passes through %s; %d reported as not"
                        + " stored are not there; %d of %d unknown are. Longest time without an"
                        + " acknowledgement: %s s.")
                .formatted(
                        acknowledged,
                        run.evidence().partitions(),
                        run.topic(),
                        exceptions(run.evidence()),
                        run.passes(),
                        servers,
                        run.evidence().sum(AckLedger::notStored),
                        run.evidence().sum(AckLedger::unknownStored),
                        run.evidence().sum(AckLedger::unknown),
                        AckStallMonitor.seconds(run.maxAbsence()));
    }

    /** Returns a description of records that are missing legitimately. */
    private static String exceptions(VerificationState evidence) {
        List<String> exceptions = new ArrayList<>();
        long removed = evidence.sum(AckLedger::removed);
        if (removed > 0) {
            exceptions.add(removed + " below the log start (removed by retention or by hand)");
        }
        long compacted = evidence.sum(AckLedger::compacted);
        if (compacted > 0) {
            exceptions.add(compacted + " compacted (newer ones of their keys are there)");
        }
        return exceptions.isEmpty() ? "" : ", except " + String.join(" and ", exceptions) + ",";
    }
}
