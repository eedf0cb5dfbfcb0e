package io.millrace.cli.bench;

import io.millrace.cli.terminal.BenchReport;
import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.cli.terminal.TopicSetup;
import io.millrace.client.MillraceClient;
import io.millrace.runtime.SystemAccess;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench groups}. */
@Command(
        name = "groups",
        description = "Keep many consumer groups, and see what they and their commits cost.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  millrace bench groups --groups 1000 --members 10 --commits 20000 --http localhost:8080",
            "",
            "All groups share a topic that has a partition for each of their members, who read",
            "nothing. First they only keep their sessions, then they commit as well; each part takes",
            "--duration. The topic must have as many partitions, or be missing.",
            "With --output json: the fields that text shows, by the same names."
        })
@SystemAccess("waits while the load runs")
final class BenchGroups implements Callable<Integer> {

    private static final int STEP_MILLIS = 10;
    private static final int LONGEST_JOIN_SECONDS = 120;

    private final Console console;
    @Mixin ConnectionOptions common;

    @Option(names = "--topic", defaultValue = "groups", description = "Created if it is missing.")
    String topic;

    @Option(names = "--groups", defaultValue = "1000", description = "Consumer groups.")
    int groups;

    @Option(names = "--members", defaultValue = "10", description = "Of each group.")
    int members;

    @Option(
            names = "--session-timeout",
            defaultValue = "45000",
            description = "Milliseconds; a third of it passes between heartbeats, or 8 s.")
    int sessionTimeoutMillis;

    @Option(names = "--commits", defaultValue = "20000", description = "A second, in all.")
    int commits;

    @Option(
            names = "--warm-up",
            defaultValue = "0",
            description = "Seconds between their joining and what is measured.")
    int warmUpSeconds;

    @Option(names = "--duration", defaultValue = "30", description = "Seconds of each part.")
    int durationSeconds;

    @Option(names = "--http", description = "The server's HTTP address, for what it spends.")
    @Nullable String http;

    BenchGroups(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (MillraceClient client = common.connect()) {
            TopicSetup.ensure(client, topic, members);
        }
        BenchReport measured =
                new BenchReport().put("groups", groups).put("membersOfEach", members);
        try (GroupLoad crowd = new GroupLoad(common.servers(), topic, sessionTimeoutMillis)) {
            long start = RatePacer.now();
            for (int group = 0; group < groups; group++) {
                for (int member = 0; member < members; member++) {
                    crowd.join("bench-" + group);
                }
            }
            long wanted = (long) groups * members;
            while (crowd.assigned() < wanted) {
                if (RatePacer.now() - start > LONGEST_JOIN_SECONDS * 1_000_000_000L) {
                    throw new CommandFailedException(
                            "After %d s %d of %d partitions have a member: are there other members, or has the topic other partitions?"
                                    .formatted(LONGEST_JOIN_SECONDS, crowd.assigned(), wanted));
                }
                Thread.sleep(STEP_MILLIS);
            }
            measured.put("joinedSeconds", ServerMetrics.round((RatePacer.now() - start) / 1e9));
            Thread.sleep(warmUpSeconds * 1000L);
            keep(crowd, measured);
            commit(crowd, measured);
            return common.print(console, measured.put("brokenStreams", crowd.broken()));
        }
    }

    private void keep(GroupLoad crowd, BenchReport measured) throws InterruptedException {
        long heartbeats = crowd.heartbeats();
        ServerMetrics before = ServerMetrics.read(http);
        long start = RatePacer.now();
        Thread.sleep(durationSeconds * 1000L);
        double seconds = (RatePacer.now() - start) / 1e9;
        measured.put(
                "heartbeatsPerSecond", Math.round((crowd.heartbeats() - heartbeats) / seconds));
        cpu("serverCoresOfHeartbeats", before, seconds, measured);
    }

    private void commit(GroupLoad crowd, BenchReport measured) throws InterruptedException {
        ServerMetrics before = ServerMetrics.read(http);
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
        if (http != null) {
            ServerMetrics after = ServerMetrics.read(http);
            measured.put(
                    "appendsPerSecond",
                    Math.round(
                            after.grown(before, "millrace_metadata_append_seconds_count")
                                    / seconds));
        }
    }

    private void cpu(String name, ServerMetrics before, double seconds, BenchReport measured) {
        if (http != null) {
            double nanos = ServerMetrics.read(http).grown(before, "process_cpu_time_ns_total");
            measured.put(name, ServerMetrics.round(nanos / 1e9 / seconds));
        }
    }
}
