package io.millrace.cli.bench;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.MeasurementReport;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.cli.terminal.TopicSetup;
import io.millrace.client.MillraceClient;
import io.millrace.runtime.SystemAccess;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench groups}. */
@Command(
        name = "groups",
        description = "Measure the cost of many consumer groups and of their commits.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench groups --groups 1000 --members 10 --commits 20000 --management localhost:9990",
            "",
            "All groups use one topic with a partition for each member of a group; members"
                    + " read",
            "nothing. First they only send heartbeats, then they also commit; each phase"
                    + " takes",
            "--duration. The topic must have this number of partitions, or not exist.",
            "With --output json: the same fields as in text output."
        })
@SystemAccess("waits for the end of the load")
final class BenchGroups implements Callable<Integer> {

    private static final int STEP_MILLIS = 10;
    private static final int LONGEST_JOIN_SECONDS = 120;

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(names = "--topic", defaultValue = "groups", description = "Topic, created if missing.")
    String topic;

    @Option(names = "--groups", defaultValue = "1000", description = "Consumer groups.")
    int groups;

    @Option(names = "--members", defaultValue = "10", description = "Number of members per group.")
    int members;

    @Option(
            names = "--session-timeout",
            defaultValue = "45000",
            description =
                    "Session timeout in milliseconds; heartbeats are sent at a third of it, at most"
                            + " 8 s apart.")
    int sessionTimeoutMillis;

    @Option(
            names = "--commits",
            defaultValue = "20000",
            description = "Commits a second over all groups.")
    int commits;

    @Option(
            names = "--warm-up",
            defaultValue = "0",
            description = "Pause in seconds between the joins and the measurement.")
    int warmUpSeconds;

    @Option(
            names = "--duration",
            defaultValue = "30",
            description = "Duration of each phase in seconds.")
    int durationSeconds;

    @Mixin ManagementOptions management;

    BenchGroups(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (MillraceClient client = common.connect()) {
            TopicSetup.ensure(client, topic, members);
        }
        MeasurementReport measured =
                new MeasurementReport().put("groups", groups).put("membersOfEach", members);
        try (GroupLoad crowd =
                new GroupLoad(common.servers(), common.security(), topic, sessionTimeoutMillis)) {
            long start = RatePacer.now();
            for (int group = 0; group < groups; group++) {
                for (int member = 0; member < members; member++) {
                    crowd.join("bench-" + group);
                }
            }
            long wanted = (long) groups * members;
            while (crowd.assignedPartitions() < wanted) {
                if (RatePacer.now() - start > LONGEST_JOIN_SECONDS * 1_000_000_000L) {
                    throw new CommandFailedException(
                            "After %d s, only %d of %d partitions are assigned: check for other members, and the topic's number of partitions."
                                    .formatted(
                                            LONGEST_JOIN_SECONDS,
                                            crowd.assignedPartitions(),
                                            wanted));
                }
                Thread.sleep(STEP_MILLIS);
            }
            measured.put("joinedSeconds", ServerMetrics.round((RatePacer.now() - start) / 1e9));
            Thread.sleep(warmUpSeconds * 1000L);
            measureHeartbeats(crowd, measured);
            measureCommits(crowd, measured);
            return common.print(console, measured.put("brokenStreams", crowd.endedStreams()));
        }
    }

    private void measureHeartbeats(GroupLoad crowd, MeasurementReport measured)
            throws InterruptedException {
        long heartbeats = crowd.heartbeats();
        ServerMetrics before = management.read();
        long start = RatePacer.now();
        Thread.sleep(durationSeconds * 1000L);
        double seconds = (RatePacer.now() - start) / 1e9;
        measured.put(
                "heartbeatsPerSecond", Math.round((crowd.heartbeats() - heartbeats) / seconds));
        cpu("serverCoresOfHeartbeats", before, seconds, measured);
    }

    private void measureCommits(GroupLoad crowd, MeasurementReport measured)
            throws InterruptedException {
        ServerMetrics before = management.read();
        long start = RatePacer.now();
        long sent = 0;
        double seconds = 0;
        while (seconds < durationSeconds) {
            long due = (long) (seconds * commits);
            crowd.commit(sent, (int) (due - sent));
            sent = due;
            Thread.sleep(STEP_MILLIS);
            seconds = (RatePacer.now() - start) / 1e9;
        }
        measured.put("commitsPerSecond", Math.round(crowd.committed() / seconds))
                .put("commitsRefused", crowd.rejected())
                .latency("commitMs", crowd.commitMicros());
        crowd.maxRejectedFor().ifPresent(why -> measured.put("mostRefusedFor", why));
        cpu("serverCoresOfCommits", before, seconds, measured);
        if (management.isGiven()) {
            ServerMetrics after = management.read();
            measured.put(
                    "appendsPerSecond",
                    Math.round(
                            after.increaseSince(before, "millrace_metadata_append_seconds_count")
                                    / seconds));
        }
    }

    private void cpu(
            String name, ServerMetrics before, double seconds, MeasurementReport measured) {
        if (management.isGiven()) {
            double nanos = management.read().increaseSince(before, "process_cpu_time_ns_total");
            measured.put(name, ServerMetrics.round(nanos / 1e9 / seconds));
        }
    }
}
