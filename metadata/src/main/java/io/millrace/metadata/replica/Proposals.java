package io.millrace.metadata.replica;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.log.LogFields;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The proposals of this process on their way into the log. One append is in flight at a time;
 * proposals that arrive meanwhile share the next append. Outcomes derive only from the applied
 * state. Owned by the replica's event loop.
 */
final class Proposals {

    private static final class InFlight {
        final Entry entry;
        final byte[] bytes;
        final List<PendingProposal> proposals;
        final long startNanos;
        @Nullable ApplyResult result;
        long durableNanos;

        InFlight(Entry entry, byte[] bytes, List<PendingProposal> proposals, long startNanos) {
            this.entry = entry;
            this.bytes = bytes;
            this.proposals = proposals;
            this.startNanos = startNanos;
        }
    }

    /** Minimum pause before an append that contains only offset commits. */
    static final Duration MIN_COMMIT_INTERVAL = Duration.ofMillis(6);

    private static final Logger LOG = Logger.getLogger(Proposals.class);

    private static final Problem CLOSED =
            new Problem(
                    Reason.METADATA_UNAVAILABLE,
                    "The cluster declared this node dead in the meantime; nothing was stored. Retry.");

    private static final Problem TOO_LARGE =
            new Problem(
                    Reason.TOO_LARGE,
                    "The change is not stored, because it is too large for one entry of the"
                            + " metadata log. Divide it.");

    private final EventLoop loop;
    private final MetadataLog log;
    private final LongSupplier incarnations;
    private final Duration timeout;
    private final MetadataMetrics metrics;
    private final Consumer<Problem> onLogFailure;
    private final ProposalQueue queue = new ProposalQueue();
    private volatile long incarnation;
    private long lastSequence;
    private boolean closed;
    private final Set<Long> closedIncarnations = new HashSet<>();
    private boolean open;
    private @Nullable Problem rejection;
    private @Nullable InFlight inFlight;
    private long lastAppendNanos;
    private boolean commitTimerRunning;
    private Runnable whenIdle = () -> {};

    /**
     * @param incarnations the supplier of unused incarnations
     * @param onLogFailure the callback when no further append is possible
     */
    Proposals(
            EventLoop loop,
            MetadataLog log,
            LongSupplier incarnations,
            Duration timeout,
            MetadataMetrics metrics,
            Consumer<Problem> onLogFailure) {
        this.loop = loop;
        this.log = log;
        this.incarnations = incarnations;
        this.incarnation = incarnations.getAsLong();
        this.timeout = timeout;
        this.lastAppendNanos = loop.nanoTime();
        this.metrics = metrics;
        this.onLogFailure = onLogFailure;
    }

    /** Any thread. */
    long incarnation() {
        return incarnation;
    }

    /** Starts to append, once the replica is current. */
    void open() {
        open = true;
        appendNext();
    }

    void add(PendingProposal proposal, Priority priority) {
        if (rejection != null) {
            proposal.complete(new Proposal.NotApplied(rejection));
        } else if (isOfClosedIncarnation(proposal)) {
            proposal.complete(new Proposal.NotApplied(CLOSED));
        } else if (!queue.add(proposal, priority)) {
            proposal.complete(
                    new Proposal.NotApplied(
                            new Problem(
                                    Reason.OVERLOADED,
                                    "Too many metadata changes are pending. Retry after a pause.")));
        } else {
            proposal.deadline = loop.schedule(timeout, () -> timedOut(proposal));
            appendNext();
        }
    }

    /** The blocks of a closed incarnation may be deleted at any time. */
    private boolean isOfClosedIncarnation(PendingProposal proposal) {
        return proposal.command instanceof Command.BlockCommitted block
                && closedIncarnations.contains(block.object().id().incarnation());
    }

    /** The consumer may have committed newer offsets at another node. */
    private boolean mayBeOutdated(PendingProposal proposal) {
        return proposal.command instanceof Command.OffsetsCommitted;
    }

    /** Called when the replica applied the closing of this incarnation. */
    void closed() {
        closed = true;
        // Callers that wait for this entry are notified first.
        loop.execute(this::appendNext);
    }

    private void restart() {
        closed = false;
        closedIncarnations.add(incarnation);
        incarnation = incarnations.getAsLong();
        lastSequence = 0;
        queue.takeIf(proposal -> isOfClosedIncarnation(proposal) || mayBeOutdated(proposal))
                .forEach(proposal -> proposal.complete(new Proposal.NotApplied(CLOSED)));
        metrics.restarts.increment();
        LogFields.incarnation(incarnation)
                .log(() ->
                        LOG.warnf(
                                "The cluster declared this node dead; the node continues as incarnation %016x.",
                                incarnation));
    }

    private void timedOut(PendingProposal proposal) {
        if (queue.remove(proposal)) {
            proposal.complete(
                    new Proposal.NotApplied(
                            new Problem(
                                    Reason.METADATA_UNAVAILABLE,
                                    "The metadata log did not answer in time; nothing was stored."
                                            + " Retry.")));
        } else {
            proposal.complete(new Proposal.Unknown(unknown()));
        }
    }

    private static Problem unknown() {
        return new Problem(
                Reason.OUTCOME_UNKNOWN,
                "The metadata log did not answer in time; the change may or may not be stored. Only an"
                        + " idempotent producer may retry without risk.");
    }

    /** Returns a problem for an unknown outcome after the log stopped. */
    private static Problem unknown(Problem problem) {
        return new Problem(
                Reason.OUTCOME_UNKNOWN,
                ("The change may or may not be stored; only an idempotent producer may retry without"
                                + " risk. %s")
                        .formatted(problem.message()));
    }

    private void appendNext() {
        if (inFlight != null || !open || awaitsMoreCommits()) {
            return;
        }
        if (closed) {
            restart();
        }
        List<PendingProposal> proposals = queue.takeGroup();
        if (proposals.isEmpty()) {
            whenIdle.run();
            return;
        }
        byte[] bytes;
        Entry entry;
        try {
            bytes =
                    EntryCodec.encode(
                            new Entry(
                                    incarnation,
                                    lastSequence + 1,
                                    (int) log.generation(),
                                    proposals.stream().map(proposal -> proposal.command).toList()));
            // This node applies the decoded entry, as all other nodes do.
            entry = EntryCodec.decode(bytes);
        } catch (EntryCodec.EntryTooLargeException tooLarge) {
            splitOrReject(proposals, TOO_LARGE);
            return;
        } catch (CorruptMetadataException unreadable) {
            splitOrReject(proposals, unreadable(unreadable));
            return;
        }
        lastSequence++;
        InFlight append = new InFlight(entry, bytes, proposals, loop.nanoTime());
        inFlight = append;
        lastAppendNanos = append.startNanos;
        log.append(new EntryId(0, incarnation, entry.sequence()), bytes)
                .thenAccept(outcome -> appended(append, outcome));
    }

    /**
     * Returns whether offset commits wait for further proposals, which limits the rate of appends.
     */
    private boolean awaitsMoreCommits() {
        if (queue.isUrgent() || queue.size() == 0 || rejection != null) {
            return false;
        }
        long remainingNanos = MIN_COMMIT_INTERVAL.toNanos() - (loop.nanoTime() - lastAppendNanos);
        if (remainingNanos <= 0) {
            return false;
        }
        if (!commitTimerRunning) {
            commitTimerRunning = true;
            loop.schedule(
                    Duration.ofNanos(remainingNanos),
                    () -> {
                        commitTimerRunning = false;
                        appendNext();
                    });
        }
        return true;
    }

    private void splitOrReject(List<PendingProposal> proposals, Problem problem) {
        if (proposals.size() > 1) {
            queue.requeueSplit(proposals);
        } else {
            proposals.getFirst().complete(new Proposal.NotApplied(problem));
        }
        loop.execute(this::appendNext);
    }

    private static Problem unreadable(CorruptMetadataException failure) {
        return new Problem(
                Reason.INTERNAL_ERROR,
                "The change is not stored, because no node could read it (%s). A retry does not help."
                        .formatted(failure.getMessage()));
    }

    /** Returns the entry in flight, as decoded from its bytes, if the bytes are its own. */
    @Nullable Entry decodedEntry(byte[] bytes) {
        InFlight append = inFlight;
        return append != null && append.bytes == bytes ? append.entry : null;
    }

    void applied(Entry entry, ApplyResult result, long durableNanos) {
        InFlight append = inFlight;
        // Only the first copy of an entry counts: a copy after the closing of this incarnation is
        // rejected even if the first copy was applied.
        if (append != null
                && append.result == null
                && append.entry.sequence() == entry.sequence()
                && entry.incarnation() == incarnation) {
            append.result = result;
            append.durableNanos = durableNanos;
        }
    }

    private void appended(InFlight append, AppendOutcome outcome) {
        if (inFlight != append) {
            return;
        }
        inFlight = null;
        switch (outcome) {
            case AppendOutcome.Appended appended -> {
                metrics.append.record(Duration.ofNanos(append.durableNanos - append.startNanos));
                complete(append);
            }
            case AppendOutcome.NotAppended notAppended -> {
                // The sequence number is free: no entry with this identity is or will be in the
                // log.
                lastSequence--;
                append.proposals.forEach(proposal ->
                        proposal.complete(new Proposal.NotApplied(notAppended.problem())));
            }
            case AppendOutcome.Indeterminate indeterminate -> {
                append.proposals.forEach(proposal ->
                        proposal.complete(new Proposal.Unknown(unknown(indeterminate.problem()))));
                onLogFailure.accept(indeterminate.problem());
            }
        }
        appendNext();
    }

    private void complete(InFlight append) {
        switch (append.result) {
            case ApplyResult.Outcomes applied -> complete(append, applied.outcomes());
            case ApplyResult.Repeated repeated -> complete(append, repeated.outcomes());
            case ApplyResult.IgnoredAsClosed ignored -> {
                append.proposals.forEach(
                        proposal -> proposal.complete(new Proposal.NotApplied(CLOSED)));
                closed = true;
            }
            case null -> {
                // The entry was appended but never delivered, which violates the log's contract.
                append.proposals.forEach(
                        proposal -> proposal.complete(new Proposal.Unknown(unknown())));
                onLogFailure.accept(unknown());
            }
        }
    }

    private static void complete(InFlight append, List<Outcome> outcomes) {
        for (int i = 0; i < append.proposals.size(); i++) {
            append.proposals
                    .get(i)
                    .complete(new Proposal.Applied(outcomes.get(i), append.durableNanos));
        }
    }

    /** Rejects new proposals; pending proposals are still appended. */
    void reject(Problem problem) {
        rejection = problem;
        appendNext();
    }

    /**
     * Rejects new proposals and stops appending; the outcome of the append in flight is unknown.
     */
    void stop(Problem problem) {
        rejection = problem;
        InFlight append = inFlight;
        inFlight = null;
        open = false;
        if (append != null) {
            append.proposals.forEach(
                    proposal -> proposal.complete(new Proposal.Unknown(unknown(problem))));
        }
        for (List<PendingProposal> proposals = queue.takeGroup();
                !proposals.isEmpty();
                proposals = queue.takeGroup()) {
            proposals.forEach(proposal -> proposal.complete(new Proposal.NotApplied(problem)));
        }
        whenIdle.run();
    }

    /**
     * Sets the task that runs when no proposal is pending and no append is in flight. May run
     * several times or never.
     */
    void whenIdle(Runnable task) {
        whenIdle = task;
        if (inFlight == null && queue.size() == 0) {
            task.run();
        }
    }
}
