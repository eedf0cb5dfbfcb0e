package io.millrace.cli.verify;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.verify.proof.PartitionVerifier;
import io.millrace.cli.verify.proof.RecordContent;
import io.millrace.cli.verify.proof.Violation;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.record.ReadRecord;
import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads all partitions of a {@code verify} run through one server, up to the end offsets, which may
 * become known later. Retries within the run's patience. One thread.
 */
@SystemAccess("reads the clock and waits between retries")
final class VerifyReader implements Runnable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PAUSE_NANOS = 200_000_000;

    /** Reads of a corrupt response before the data counts as corrupt on the server. */
    private static final int MAX_CORRUPT_READS = 3;

    private final String topic;
    private final MillraceClient client;
    private final VerificationState state;
    private final Duration patience;
    private final boolean maySkipRemoved;
    private final CompletableFuture<List<Long>> ends;
    private final ReaderSettings.Source source;
    private final List<PartitionVerifier> readings = new ArrayList<>();
    private long progressNanos = RatePacer.now();
    private int damaged;

    /**
     * @param ends for each partition, the end offset of the read
     * @param source where the servers read
     */
    VerifyReader(
            VerifyRun.Plan plan,
            MillraceClient client,
            PartitionVerifier.Role role,
            VerificationState evidence,
            CompletableFuture<List<Long>> ends,
            ReaderSettings.Source source) {
        this.topic = plan.topic();
        this.client = client;
        this.state = evidence;
        this.patience = plan.patience();
        this.maySkipRemoved = plan.maySkipRemoved();
        this.ends = ends;
        this.source = source;
        RecordContent content = plan.content();
        for (int partition = 0; partition < evidence.partitions(); partition++) {
            readings.add(evidence.reading(partition, role, content));
        }
    }

    @Override
    public void run() {
        try {
            progressNanos = RatePacer.now();
            while (!state.isOver() && !isDone()) {
                try (Reader reader = client.reader(settings(), starts())) {
                    read(reader);
                } catch (MillraceException failed) {
                    validate(failed);
                }
            }
            for (int partition = 0; partition < readings.size(); partition++) {
                state.end(partition, readings.get(partition));
            }
        } catch (RuntimeException failed) {
            state.reportFailure(failed);
        }
    }

    private ReaderSettings settings() {
        return ReaderSettings.defaults().withUnreachableAfter(patience).withSource(source);
    }

    private Map<TopicPartition, StartPosition> starts() {
        Map<TopicPartition, StartPosition> starts = new HashMap<>();
        for (int partition = 0; partition < readings.size(); partition++) {
            starts.put(
                    new TopicPartition(topic, partition),
                    StartPosition.offset(readings.get(partition).next()));
        }
        return starts;
    }

    private void read(Reader reader) {
        while (!state.isOver() && !isDone()) {
            List<ReadBatch> batches = reader.poll(POLL);
            for (ReadBatch batch : batches) {
                int partition = batch.partition().partition();
                for (ReadRecord record : batch) {
                    state.read(partition, readings.get(partition), record);
                }
            }
            if (!batches.isEmpty()) {
                progressNanos = RatePacer.now();
                damaged = 0;
            } else if (ends.isDone() && isOutOfPatience()) {
                throw new MillraceException.TimedOut("Nothing came.");
            }
        }
    }

    private boolean isDone() {
        @Nullable List<Long> known = ends.getNow(null);
        if (known == null) {
            return false;
        }
        for (int partition = 0; partition < readings.size(); partition++) {
            if (readings.get(partition).next() < known.get(partition)) {
                return false;
            }
        }
        return true;
    }

    private boolean isOutOfPatience() {
        return RatePacer.now() - progressNanos >= patience.toNanos();
    }

    private void validate(MillraceException failed) {
        if (failed instanceof MillraceException.OffsetOutOfRange gone) {
            int partition = gone.partition().partition();
            boolean isRemoved = readings.get(partition).next() < gone.logStartOffset();
            if (isRemoved && maySkipRemoved) {
                state.trimmed(partition, readings.get(partition), gone.logStartOffset());
                progressNanos = RatePacer.now();
                return;
            }
            state.reportViolation(
                    new Violation(
                            Violation.Kind.LOST,
                            partition,
                            gone.offset(),
                            "Partition %d: error from %s: %s"
                                    .formatted(partition, client.address(), gone.getMessage())));
            return;
        }
        boolean isDamaged = failed instanceof MillraceException.Corrupt;
        if (!failed.retriable()
                || (isDamaged && ++damaged == MAX_CORRUPT_READS)
                || isOutOfPatience()) {
            state.reportFailure(
                    new CommandFailedException(
                            "Reading through %s failed: %s"
                                    .formatted(client.address(), failed.getMessage())));
            return;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
    }
}
