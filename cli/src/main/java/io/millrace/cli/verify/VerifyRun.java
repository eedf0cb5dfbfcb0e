package io.millrace.cli.verify;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.MeasurementReport;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.terminal.ServerMetrics;
import io.millrace.cli.verify.proof.AckLedger;
import io.millrace.cli.verify.proof.PartitionVerifier.Role;
import io.millrace.cli.verify.proof.RecordContent;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.SystemAccess;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * One run of {@code verify}. Producers send while readers read; then all records are read again,
 * twice or once through each server, the last time from the bucket. One thread.
 */
@SystemAccess("reads the clock and uses a timer")
final class VerifyRun {

    private static final long CHECK_EVERY_MS = 100;
    private static final long PAUSE_NANOS = 500_000_000;
    private static final long MAX_BUFFER_BYTES = 32L << 20;
    private static final int BATCH_BYTES = 64 << 10;

    /**
     * @param run the id of the run, contained in each record
     * @param pinned true if each producer uses only one server
     * @param readers the number of readers that read while producers send
     * @param patience the maximum time without service
     * @param maySkipRemoved true if retention or a trim may remove records of the topic
     * @param usesGroup true to read as a consumer group too
     * @param printsPauses true to print a line of JSON for each pause of a producer
     */
    record Plan(
            String topic,
            long run,
            int recordBytes,
            RecordContent.Keys keys,
            RecordContent.Times times,
            int producers,
            boolean pinned,
            int readers,
            RatePacer pace,
            Duration duration,
            Duration patience,
            boolean maySkipRemoved,
            boolean usesGroup,
            boolean printsPauses) {

        /** Returns content for use by one thread. */
        RecordContent content() {
            return new RecordContent(run, recordBytes, keys, times);
        }
    }

    private final Plan plan;
    private final VerifiedServers servers;
    private final MillraceClient cluster;
    private final PrintStream err;
    private final VerificationState state;
    private final List<AckStallMonitor> stallMonitors;
    private final GroupVerifier group;
    private final long topicId;
    private final List<VerifySender> senders = new ArrayList<>();
    private final CompletableFuture<List<Long>> endOffsets = new CompletableFuture<>();
    private volatile boolean enough;

    /**
     * @param servers the servers whose results are compared
     * @param cluster the client that selects nodes by itself
     */
    VerifyRun(Plan plan, VerifiedServers servers, MillraceClient cluster, PrintStream err) {
        this.plan = plan;
        this.servers = servers;
        this.cluster = cluster;
        this.err = err;
        TopicOperations.Description topic =
                servers.tryEach(client -> client.topics().describe(plan.topic()));
        List<Long> starts =
                topic.partitions().stream().map(TopicOperations.Partition::highWatermark).toList();
        this.topicId = topic.topic().id();
        this.state = new VerificationState(starts, plan.producers());
        this.group = new GroupVerifier(plan, cluster, servers, state, endOffsets);
        this.stallMonitors =
                plan.pinned()
                        ? servers.addresses().stream().map(AckStallMonitor::new).toList()
                        : IntStream.range(0, plan.producers())
                                .mapToObj(number -> new AckStallMonitor("The cluster"))
                                .toList();
    }

    VerificationState state() {
        return state;
    }

    /** Returns the number of passes over all records after the end of sending. */
    int passes() {
        return Math.max(2, servers.count());
    }

    /** Returns the longest stall of a producer, or of a server. */
    Duration maxStall() {
        Duration max = Duration.ZERO;
        for (AckStallMonitor absence : stallMonitors) {
            synchronized (absence) {
                Duration duration = absence.max(RatePacer.now());
                max = duration.compareTo(max) > 0 ? duration : max;
            }
        }
        return max;
    }

    /** Ends sending early. Any thread. */
    void stopSending() {
        enough = true;
    }

    /** Runs to the end or to the first violation. */
    void run() throws InterruptedException {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("millrace-verify").factory());
        try {
            List<Thread> reading = new ArrayList<>();
            for (int i = 0; i < plan.readers(); i++) {
                Role role = i == 0 ? Role.WITNESS : Role.OBSERVER;
                // Starts at the last server: most records were written through other servers.
                MillraceClient client = servers.client(servers.count() - 1 + i);
                reading.add(
                        start(
                                new VerifyReader(
                                        plan,
                                        client,
                                        role,
                                        state,
                                        endOffsets,
                                        ReaderSettings.Source.NEAREST)));
            }
            if (plan.usesGroup()) {
                reading.add(start(group));
            }
            for (int i = 0; i < plan.producers(); i++) {
                senders.add(sender(i));
            }
            var unused =
                    timer.scheduleWithFixedDelay(
                            this::check, CHECK_EVERY_MS, CHECK_EVERY_MS, TimeUnit.MILLISECONDS);
            join(senders.stream().map(VerifyRun::start).toList());
            endOffsets.complete(endOffsets());
            join(reading);
            if (!state.isOver()) {
                state.end();
            }
            for (int pass = 0; pass < passes() && !state.isOver(); pass++) {
                audit(pass);
            }
        } finally {
            timer.close();
        }
        check();
        if (state.isOver()) {
            requireSameTopic();
        }
        state.throwIfFailed();
    }

    /** Reads all records again; in the last pass from the bucket. */
    private void audit(int pass) {
        ReaderSettings.Source source =
                pass == passes() - 1 ? ReaderSettings.Source.BUCKET : ReaderSettings.Source.NEAREST;
        new VerifyReader(plan, servers.client(pass), Role.AUDITOR, state, endOffsets, source).run();
    }

    /** Fails if the topic was deleted or recreated: its records were not lost. */
    private void requireSameTopic() {
        boolean isSame;
        try {
            isSame = cluster.topics().describe(plan.topic()).topic().id() == topicId;
        } catch (MillraceException failed) {
            isSame = !failed.reason().equals(Optional.of(Reason.UNKNOWN_TOPIC));
        }
        if (!isSame) {
            throw new CommandFailedException(
                    "Topic %s was deleted during the run with its %d acknowledged records, so nothing is verified."
                            .formatted(plan.topic(), state.sum(AckLedger::acknowledged)));
        }
    }

    private VerifySender sender(int number) {
        ProducerSettings settings =
                ProducerSettings.builder()
                        .bufferBytes(
                                Math.max(MAX_BUFFER_BYTES / plan.producers(), 4L * BATCH_BYTES))
                        .batchBytes(BATCH_BYTES)
                        .maxBlock(VerifySender.MAX_BLOCK)
                        .deliveryTimeout(plan.patience())
                        .build();
        return new VerifySender(
                plan,
                number,
                (plan.pinned() ? servers.client(number) : cluster).producer(settings),
                () -> enough,
                state,
                stallMonitors.get(number % stallMonitors.size()));
    }

    private static Thread start(Runnable task) {
        return Thread.ofVirtual().start(task);
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Returns the highest end offset of each partition that any server reports. */
    private List<Long> endOffsets() {
        List<Long> found = new ArrayList<>();
        for (int partition = 0; partition < state.partitions(); partition++) {
            found.add(state.endOffset(partition));
        }
        for (int i = 0; i < servers.count() && !state.isOver(); i++) {
            for (TopicOperations.Partition each : describe(servers.client(i)).partitions()) {
                if (each.number() < found.size()) {
                    found.set(
                            each.number(),
                            Math.max(found.get(each.number()), each.highWatermark()));
                }
            }
        }
        return found;
    }

    private TopicOperations.Description describe(MillraceClient client) {
        long start = RatePacer.now();
        while (true) {
            try {
                return client.topics().describe(plan.topic());
            } catch (MillraceException away) {
                boolean patient = RatePacer.now() - start < plan.patience().toNanos();
                if (!away.retriable() || !patient) {
                    throw away;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void check() {
        for (int i = 0; i < stallMonitors.size(); i++) {
            AckStallMonitor absence = stallMonitors.get(i);
            Optional<String> trouble =
                    i < senders.size() ? senders.get(i).trouble() : Optional.empty();
            synchronized (absence) {
                absence.update(RatePacer.now(), trouble).ifPresent(err::println);
                for (AckStallMonitor.Pause pause : absence.drainEnded()) {
                    if (plan.printsPauses()) {
                        err.println(line(i, pause));
                    }
                }
            }
        }
    }

    private static String line(int producer, AckStallMonitor.Pause pause) {
        long agoMs = TimeUnit.NANOSECONDS.toMillis(RatePacer.now() - pause.endNanos());
        return "{\"pause\":{\"producer\":%d,\"endMs\":%d,\"ms\":%d}}"
                .formatted(producer, System.currentTimeMillis() - agoMs, pause.length().toMillis());
    }

    GroupVerifier group() {
        return group;
    }

    String topic() {
        return plan.topic();
    }

    void addResults(MeasurementReport measured) {
        measured.put("topic", plan.topic())
                .put("partitions", state.partitions())
                .put("producers", plan.producers())
                .put("acknowledged", state.sum(AckLedger::acknowledged))
                .put("removed", state.sum(AckLedger::removed))
                .put("compacted", state.sum(AckLedger::compacted))
                .put("notStored", state.sum(AckLedger::notStored))
                .put("unknown", state.sum(AckLedger::unknown))
                .put("unknownStored", state.sum(AckLedger::unknownStored))
                .put("commits", group.acknowledged())
                .put("members", group.members())
                .put("longestAbsenceSeconds", ServerMetrics.round(maxStall().toMillis() / 1e3));
    }
}
