package io.millrace.cli.verify;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.cli.terminal.MeasurementReport;
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

/** The command {@code verify}. */
@Command(
        name = "verify",
        description = {
            "Verify that acknowledged records are stored exactly once, at their offsets, in"
                    + " order and unchanged.",
            "Sends records with a sequence number and a chained hash, reads them during and"
                    + " after the writes, the last time from the bucket, and compares them with the"
                    + " acknowledgements. Servers may be"
                    + " killed and restarted during the run; standard error reports the length of"
                    + " each outage. Ctrl-C ends sending and verifies the records sent so far; a"
                    + " second Ctrl-C ends the command."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace verify --duration 60",
            "  millrace verify --server a:9090,b:9090 --partitions 100 --producers 10 --rate 200k",
            "",
            "The exit code is 0 if all records are verified, and 1 at the first violation,"
                    + " reported with partition and offset, or if the service stays unavailable. With"
                    + " --output json: one object {verified, topic, partitions, producers,"
                    + " acknowledged, notStored, unknown, unknownStored, removed, compacted,"
                    + " commits, members, longestAbsenceSeconds, passes}, or {verified: false, ..., violation: {kind,"
                    + " partition, offset, message}}. No other producer may write to the topic.",
            "Records of a topic given by --topic that retention or a trim removed do not count"
                    + " as lost; a new topic has no retention, so that its log start must not move."
                    + " Not lost either are records of"
                    + " a compacted topic that have a newer record of the same key. Both are counted"
                    + " and reported."
        })
public final class VerifyCommand implements Callable<Integer> {

    private static final int KEYS_OF_A_COMPACTED_TOPIC = 100;

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Topic, created if missing (default: a new topic).")
    @Nullable String topic;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Number of partitions of a new topic (default: ${DEFAULT-VALUE}).")
    int partitions;

    @Option(
            names = "--producers",
            paramLabel = "N",
            defaultValue = "2",
            description = "Number of concurrent producers (default: ${DEFAULT-VALUE}).")
    int producers;

    @Option(
            names = "--pinned",
            description =
                    "Use only the servers of --server, and only one server per producer, without"
                            + " discovery of the cluster's nodes.")
    boolean pinned;

    @Option(
            names = "--any-node",
            description =
                    "Read through any node of the cluster instead of through each of its nodes:"
                            + " for a run during which nodes are replaced by nodes at other"
                            + " addresses.")
    boolean anyNode;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            defaultValue = "1M",
            description =
                    "Rate of each producer: bytes a second, or records a second as 10l; 0 for no"
                            + " limit (default: ${DEFAULT-VALUE}).")
    String rate;

    @Option(
            names = "--duration",
            paramLabel = "S",
            defaultValue = "10",
            description = "Duration of sending in seconds (default: ${DEFAULT-VALUE}).")
    int durationSeconds;

    @Option(
            names = "--record-size",
            paramLabel = "SIZE",
            defaultValue = "1Ki",
            description = "Size of a value in bytes, at least 40 (default: ${DEFAULT-VALUE}).")
    String recordSize;

    @Option(
            names = "--keys",
            paramLabel = "N",
            description =
                    "Number of keys that each producer uses in turn in each partition; 0 for"
                            + " records without keys (default: 0, and 100 on a compacted topic).")
    @Nullable Integer keys;

    @Option(
            names = "--readers",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Number of readers during sending, distributed over the servers (default:"
                            + " ${DEFAULT-VALUE}).")
    int readers;

    @Option(
            names = "--patience",
            paramLabel = "S",
            defaultValue = "120",
            description = "Maximum outage in seconds (default: ${DEFAULT-VALUE}).")
    int patienceSeconds;

    @Option(
            names = "--group",
            description =
                    "Also read as a consumer group of one member, which commits and is replaced"
                            + " every five seconds: a new member must continue at the last commit,"
                            + " and the committed offsets must be the acknowledged ones.")
    boolean group;

    @Option(
            names = "--pauses",
            description =
                    "Print each time of 100 ms or more without an acknowledgement to standard"
                            + " error, as {pause: {producer, endMs, ms}}.")
    boolean pauses;

    public VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    @SystemAccess("generates random run ids and reads the clock")
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
                VerifiedServers servers =
                        anyNode
                                ? VerifiedServers.ofCluster(common.server(), common::settings)
                                : VerifiedServers.of(addresses(cluster), common::settings)) {
            servers.tryEach(client -> TopicSetup.ensure(client, name, partitions, settings()));
            TopicOperations.Topic created =
                    servers.tryEach(client -> client.topics().describe(name).topic());
            VerifyRun.Plan plan =
                    new VerifyRun.Plan(
                            name,
                            run,
                            recordBytes,
                            keys(created),
                            times(created),
                            producers,
                            pinned,
                            readers,
                            pace,
                            Duration.ofSeconds(durationSeconds),
                            Duration.ofSeconds(patienceSeconds),
                            topic != null,
                            group,
                            pauses);
            VerifyRun verify = new VerifyRun(plan, servers, cluster, console.err());
            try (InterruptSignal early = new InterruptSignal(verify::stopSending)) {
                verify.run();
            }
            return report(verify, servers);
        }
    }

    /** Returns the settings of the topic if created. A new topic of the run keeps its records. */
    private Map<String, String> settings() {
        return topic == null ? Map.of("retention.ms", "-1", "retention.bytes", "-1") : Map.of();
    }

    private RecordContent.Keys keys(TopicOperations.Topic found) {
        boolean isCompacted =
                found.config().getOrDefault("cleanup.policy", "delete").contains("compact");
        return new RecordContent.Keys(
                keys != null ? keys : isCompacted ? KEYS_OF_A_COMPACTED_TOPIC : 0, isCompacted);
    }

    @SystemAccess("reads the clock")
    private static RecordContent.Times times(TopicOperations.Topic found) {
        return new RecordContent.Times(
                System.currentTimeMillis(),
                found.config().getOrDefault("message.timestamp.type", "").equals("LogAppendTime"));
    }

    /**
     * Returns the fetch nodes of a cluster; for a single server or with {@code --pinned}, the given
     * addresses.
     */
    private String addresses(MillraceClient cluster) {
        if (pinned) {
            return common.server();
        }
        List<ClusterNode> nodes = cluster.describeCluster().nodes();
        List<String> serving =
                nodes.stream()
                        .filter(node -> node.roles().contains(ClusterNode.Role.FETCH))
                        .map(node -> node.host() + ":" + node.port())
                        .toList();
        return nodes.size() < 2 || serving.isEmpty() ? common.server() : String.join(",", serving);
    }

    private int report(VerifyRun run, VerifiedServers servers) {
        Optional<Violation> violation = run.state().violation();
        long acknowledged = run.state().sum(AckLedger::acknowledged);
        if (violation.isEmpty() && acknowledged == 0) {
            throw new CommandFailedException(
                    "No record was acknowledged, so nothing is verified: "
                            + run.state().rejection().orElse("run the command for longer."));
        }
        long removed = run.state().sum(AckLedger::removed);
        if (violation.isEmpty() && removed == acknowledged) {
            throw new CommandFailedException(
                    "All %d acknowledged records were removed by retention or a trim before the final read, so nothing is verified: increase the retention of topic %s."
                            .formatted(acknowledged, run.topic()));
        }
        MeasurementReport measured = new MeasurementReport().put("verified", violation.isEmpty());
        run.addResults(measured);
        violation.ifPresentOrElse(
                wrong -> measured.put("violation", fields(wrong)),
                () -> measured.put("passes", run.passes()));
        String sentence =
                violation
                        .map(wrong -> "VIOLATION (%s): %s".formatted(wrong.kind(), wrong.message()))
                        .orElseGet(() -> summary(run, servers, acknowledged));
        return common.print(
                console,
                CommandResult.of(
                        measured.json(),
                        List.of(sentence),
                        violation.isEmpty() ? ExitCode.DONE : ExitCode.FAILED));
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
        return ("Verified: %d acknowledged records in %d partitions of topic %s are stored%s"
                        + " once, at their offsets, in order and unchanged, in %d passes through %s; %s%d"
                        + " reported as not stored are not stored; %d of %d unknown are stored. Longest"
                        + " time without an acknowledgement: %s s.")
                .formatted(
                        acknowledged,
                        run.state().partitions(),
                        run.topic(),
                        exceptions(run.state()),
                        run.passes(),
                        servers,
                        commits(run),
                        run.state().sum(AckLedger::notStored),
                        run.state().sum(AckLedger::unknownStored),
                        run.state().sum(AckLedger::unknown),
                        AckStallMonitor.seconds(run.maxStall()));
    }

    private static String commits(VerifyRun run) {
        long commits = run.group().acknowledged();
        return commits == 0
                ? ""
                : "%d commits of a group are kept over %d members; "
                        .formatted(commits, run.group().members());
    }

    private static String exceptions(VerificationState evidence) {
        List<String> exceptions = new ArrayList<>();
        long removed = evidence.sum(AckLedger::removed);
        if (removed > 0) {
            exceptions.add(removed + " below the log start (removed by retention or a trim)");
        }
        long compacted = evidence.sum(AckLedger::compacted);
        if (compacted > 0) {
            exceptions.add(compacted + " compacted (replaced by newer records of the same keys)");
        }
        return exceptions.isEmpty() ? "" : ", except " + String.join(" and ", exceptions) + ",";
    }
}
