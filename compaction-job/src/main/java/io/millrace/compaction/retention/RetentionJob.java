package io.millrace.compaction.retention;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.RoundFailures;
import io.millrace.compaction.VerifiedClock;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.FutureFailures;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Advances the log start offsets of this node's topics by their retention. Examines a limited
 * number of partitions per task and waits for their proposals. A proposal that is not applied is
 * due again in the next round. Owned by the metadata's event loop.
 */
public final class RetentionJob {

    private static final Logger LOG = Logger.getLogger(RetentionJob.class);

    static final int PARTITIONS_PER_TASK = 2_000;

    private final Metadata metadata;
    private final CompactionDuties duties;
    private final VerifiedClock clock;
    private final Duration interval;
    private final RetentionMetrics metrics;
    private final RoundFailures failures;

    /**
     * @param interval time from the end of a round to the start of the next
     */
    public RetentionJob(
            Metadata metadata,
            CompactionDuties duties,
            VerifiedClock clock,
            Duration interval,
            RetentionMetrics metrics) {
        this.metadata = metadata;
        this.duties = duties;
        this.clock = clock;
        this.interval = interval;
        this.metrics = metrics;
        this.failures =
                new RoundFailures(
                        LOG,
                        "Expired records stay in the log until retention succeeds; the"
                                + " next round retries",
                        metrics::failed);
    }

    /** Starts periodic rounds. Any thread. */
    public void start() {
        metadata.loop().runNowOrLater(this::next);
    }

    private void next() {
        metadata.loop()
                .schedule(
                        interval,
                        () -> {
                            var unused =
                                    runOnce()
                                            .whenComplete((done, failure) -> {
                                                failures.roundEnded(failure);
                                                next();
                                            });
                        });
    }

    /**
     * Runs one round over all topics. Called and completed on the event loop; fails if a proposal
     * was not applied, or if the bucket's time is unknown, after retention by size.
     */
    public CompletableFuture<Void> runOnce() {
        CompletableFuture<Optional<InstantSource>> time = clock.verified();
        return time.exceptionally(unknown -> Optional.empty())
                .thenComposeAsync(known -> new Round(known).run(), metadata.loop())
                .thenCombine(time, (done, known) -> done);
    }

    private final class Round {

        private final ArrayDeque<Topic> topics = new ArrayDeque<>(metadata.topics().all());
        private final OptionalLong nowMs;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private int partition;

        /**
         * @param time empty for retention by size alone
         */
        Round(Optional<InstantSource> time) {
            nowMs = time.stream().mapToLong(InstantSource::millis).findFirst();
        }

        CompletableFuture<Void> run() {
            proceed();
            return done;
        }

        private void proceed() {
            List<CompletableFuture<Void>> proposals = new ArrayList<>();
            int left = PARTITIONS_PER_TASK;
            while (left > 0 && !topics.isEmpty()) {
                Topic topic = topics.getFirst();
                int from = partition;
                if (duties.isResponsibleForTopic(metadata.incarnation(), topic.id())) {
                    partition = Math.min(topic.partitionCount(), from + left);
                    List<LogStart> due = due(topic, from, partition);
                    if (!due.isEmpty()) {
                        proposals.add(propose(new Command.LogStartAdvanced(topic.id(), due)));
                    }
                } else {
                    partition = topic.partitionCount();
                }
                left -= Math.max(1, partition - from);
                if (partition == topic.partitionCount()) {
                    topics.removeFirst();
                    partition = 0;
                }
            }
            var unused =
                    CompletableFuture.allOf(proposals.toArray(CompletableFuture[]::new))
                            .whenCompleteAsync(
                                    (all, failure) -> afterProposals(failure), metadata.loop());
        }

        private void afterProposals(@Nullable Throwable failure) {
            if (failure != null) {
                done.completeExceptionally(FutureFailures.unwrap(failure));
            } else if (topics.isEmpty()) {
                done.complete(null);
            } else {
                proceed();
            }
        }

        private List<LogStart> due(Topic topic, int from, int to) {
            List<LogStart> due = new ArrayList<>();
            for (int i = from; i < to; i++) {
                int number = i;
                metadata.view()
                        .partition(topic.id(), number)
                        .map(log -> RetentionPlan.start(log, topic.settings(), nowMs))
                        .ifPresent(start ->
                                start.ifPresent(offset -> due.add(new LogStart(number, offset))));
            }
            return due;
        }
    }

    private CompletableFuture<Void> propose(Command.LogStartAdvanced command) {
        return metadata.propose(command, Priority.BACKGROUND)
                .thenAccept(proposal -> {
                    switch (proposal) {
                        case Proposal.Applied(Outcome.Rows(var rows), long nanos) ->
                                metrics.advanced(
                                        rows.stream()
                                                .filter(
                                                        Outcome.RowOutcome.Accepted.class
                                                                ::isInstance)
                                                .count());
                        // The topic was deleted.
                        case Proposal.Applied rejected -> {}
                        case Proposal.NotApplied(var problem) ->
                                throw new ProblemException(problem);
                        case Proposal.Unknown(var problem) -> throw new ProblemException(problem);
                    }
                });
    }
}
