package io.millrace.metadata.replica;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.state.Applied;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
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
 * What this process wants to have decided, on its way into the log: one append at a time, with all
 * that is queued meanwhile in the next one. Outcomes come from the applied state only. Owned by the
 * replica's loop.
 */
final class Proposals {

    /** An append that the log has not answered yet. */
    private static final class InFlight {
        final Entry entry;
        final byte[] bytes;
        final List<PendingProposal> group;
        final long startNanos;
        @Nullable Applied applied;
        long durableNanos;

        InFlight(Entry entry, byte[] bytes, List<PendingProposal> group, long startNanos) {
            this.entry = entry;
            this.bytes = bytes;
            this.group = group;
            this.startNanos = startNanos;
        }
    }

    /**
     * How soon commits of offsets follow the append before, if nothing else wants to be appended.
     */
    static final Duration COMMITS_EVERY = Duration.ofMillis(6);

    private static final Logger LOG = Logger.getLogger(Proposals.class);

    private static final Problem CLOSED =
            new Problem(
                    Reason.METADATA_UNAVAILABLE,
                    "The cluster took this node for dead meanwhile; nothing was stored. Try again.");

    private final EventLoop loop;
    private final MetadataLog log;
    private final LongSupplier incarnations;
    private final Duration timeout;
    private final MetadataMetrics metrics;
    private final Consumer<Problem> broken;
    private final ProposalQueue queue = new ProposalQueue();
    private volatile long incarnation;
    private long n;
    private boolean closed;
    private final Set<Long> closedOnes = new HashSet<>();
    private boolean open;
    private @Nullable Problem rejection;
    private @Nullable InFlight inFlight;
    private long lastAppendNanos;
    private boolean resting;
    private Runnable whenIdle = () -> {};

    /**
     * @param incarnations numbers that no process had before
     * @param timeout how long a proposal may wait before its outcome counts as unknown
     * @param broken hears why nothing can be appended any more
     */
    Proposals(
            EventLoop loop,
            MetadataLog log,
            LongSupplier incarnations,
            Duration timeout,
            MetadataMetrics metrics,
            Consumer<Problem> broken) {
        this.loop = loop;
        this.log = log;
        this.incarnations = incarnations;
        this.incarnation = incarnations.getAsLong();
        this.timeout = timeout;
        this.lastAppendNanos = loop.nanoTime();
        this.metrics = metrics;
        this.broken = broken;
    }

    /** Who appends. Any thread. */
    long incarnation() {
        return incarnation;
    }

    /** Begins to append: the copy is current. */
    void open() {
        open = true;
        appendNext();
    }

    void add(PendingProposal proposal, Priority lane) {
        if (rejection != null) {
            proposal.complete(new Proposal.NotApplied(rejection));
        } else if (isOfClosed(proposal)) {
            proposal.complete(new Proposal.NotApplied(CLOSED));
        } else if (!queue.add(proposal, lane)) {
            proposal.complete(
                    new Proposal.NotApplied(
                            new Problem(
                                    Reason.OVERLOADED,
                                    "Too many changes of metadata wait already; try again.")));
        } else {
            proposal.deadline = loop.schedule(timeout, () -> timedOut(proposal));
            appendNext();
        }
    }

    /**
     * Blocks of an incarnation that is closed may be deleted at any time: nothing of one that was
     * not committed before may be committed afterwards.
     */
    private boolean isOfClosed(PendingProposal proposal) {
        return proposal.command instanceof Command.BlockCommitted block
                && closedOnes.contains(block.object().id().incarnation());
    }

    /** Whoever gave these offsets may have gone elsewhere, and have committed others since. */
    private boolean mayBeOutdated(PendingProposal proposal) {
        return proposal.command instanceof Command.OffsetsCommitted;
    }

    /** The copy applied that this incarnation is closed. */
    void closed() {
        closed = true;
        // Whoever waits for this very entry hears of it first.
        loop.execute(this::appendNext);
    }

    private void restart() {
        closed = false;
        closedOnes.add(incarnation);
        incarnation = incarnations.getAsLong();
        n = 0;
        queue.takeIf(one -> isOfClosed(one) || mayBeOutdated(one))
                .forEach(one -> one.complete(new Proposal.NotApplied(CLOSED)));
        LOG.warnf(
                "The cluster took this node for dead; it goes on as incarnation %016x.",
                incarnation);
    }

    private void timedOut(PendingProposal proposal) {
        if (queue.remove(proposal)) {
            proposal.complete(
                    new Proposal.NotApplied(
                            new Problem(
                                    Reason.METADATA_UNAVAILABLE,
                                    "The metadata log did not answer in time; nothing was stored."
                                            + " Try again.")));
        } else {
            proposal.complete(new Proposal.Unknown(unknown()));
        }
    }

    private static Problem unknown() {
        return new Problem(
                Reason.OUTCOME_UNKNOWN,
                "The metadata log did not answer in time; it may have been stored or not. Only an"
                        + " idempotent producer may repeat it without risk.");
    }

    /** Whatever stopped the log: that a change may be in it is what its proposer must know. */
    private static Problem unknown(Problem why) {
        return new Problem(
                Reason.OUTCOME_UNKNOWN,
                "It may have been stored or not; only an idempotent producer may repeat it without"
                        + " risk. %s".formatted(why.message()));
    }

    private void appendNext() {
        if (inFlight != null || !open || rests()) {
            return;
        }
        if (closed) {
            restart();
        }
        List<PendingProposal> group = queue.takeGroup();
        if (group.isEmpty()) {
            whenIdle.run();
            return;
        }
        Entry entry =
                new Entry(incarnation, n + 1, group.stream().map(one -> one.command).toList());
        byte[] bytes;
        try {
            bytes = EntryCodec.encode(entry);
        } catch (EntryCodec.EntryTooLargeException tooLarge) {
            divide(group);
            loop.execute(this::appendNext);
            return;
        }
        n++;
        InFlight append = new InFlight(entry, bytes, group, loop.nanoTime());
        inFlight = append;
        lastAppendNanos = append.startNanos;
        log.append(new EntryId(0, incarnation, entry.sequence()), bytes)
                .thenAccept(outcome -> appended(append, outcome));
    }

    /** Commits of offsets alone wait for company: consumers must not wear out the log. */
    private boolean rests() {
        if (queue.isUrgent() || queue.size() == 0 || rejection != null) {
            return false;
        }
        long left = COMMITS_EVERY.toNanos() - (loop.nanoTime() - lastAppendNanos);
        if (left <= 0) {
            return false;
        }
        if (!resting) {
            resting = true;
            loop.schedule(
                    Duration.ofNanos(left),
                    () -> {
                        resting = false;
                        appendNext();
                    });
        }
        return true;
    }

    private void divide(List<PendingProposal> group) {
        if (group.size() > 1) {
            queue.putBackDivided(group);
            return;
        }
        group.getFirst()
                .complete(
                        new Proposal.NotApplied(
                                new Problem(
                                        Reason.TOO_LARGE,
                                        "The change is too large for one entry of the metadata log.")));
    }

    /** The entry if these are the very bytes of the append in flight, which saves decoding them. */
    @Nullable Entry own(byte[] bytes) {
        InFlight own = inFlight;
        return own != null && own.bytes == bytes ? own.entry : null;
    }

    /** The copy applied an entry, whoever's. */
    void applied(Entry entry, Applied applied, long durableNanos) {
        InFlight own = inFlight;
        // Only the first of several copies decides: one behind the closing of this incarnation is
        // rejected, whatever became of the first.
        if (own != null
                && own.applied == null
                && own.entry.sequence() == entry.sequence()
                && entry.incarnation() == incarnation) {
            own.applied = applied;
            own.durableNanos = durableNanos;
        }
    }

    private void appended(InFlight append, AppendOutcome outcome) {
        if (inFlight != append) {
            return;
        }
        inFlight = null;
        switch (outcome) {
            case AppendOutcome.Appended done -> {
                metrics.append.record(Duration.ofNanos(append.durableNanos - append.startNanos));
                complete(append);
            }
            case AppendOutcome.NotAppended not -> {
                // Its number is free again: nothing with this identity is or will be in the log.
                n--;
                append.group.forEach(one -> one.complete(new Proposal.NotApplied(not.problem())));
            }
            case AppendOutcome.Lost lost -> {
                append.group.forEach(
                        one -> one.complete(new Proposal.Unknown(unknown(lost.problem()))));
                broken.accept(lost.problem());
            }
        }
        appendNext();
    }

    private void complete(InFlight append) {
        switch (append.applied) {
            case Applied.Outcomes applied -> complete(append, applied.outcomes());
            case Applied.Repeated repeated -> complete(append, repeated.outcomes());
            case Applied.Closed closedBefore -> {
                append.group.forEach(one -> one.complete(new Proposal.NotApplied(CLOSED)));
                closed = true;
            }
            case null -> {
                // It was appended, yet never delivered: the log broke its word.
                append.group.forEach(one -> one.complete(new Proposal.Unknown(unknown())));
                broken.accept(unknown());
            }
        }
    }

    private static void complete(InFlight append, List<Outcome> outcomes) {
        for (int i = 0; i < append.group.size(); i++) {
            append.group
                    .get(i)
                    .complete(new Proposal.Applied(outcomes.get(i), append.durableNanos));
        }
    }

    /** Takes no more; those that wait are appended still. */
    void reject(Problem why) {
        rejection = why;
        appendNext();
    }

    /** Takes no more and appends no more; nobody knows what became of the append in flight. */
    void stop(Problem why) {
        rejection = why;
        InFlight own = inFlight;
        inFlight = null;
        open = false;
        if (own != null) {
            own.group.forEach(one -> one.complete(new Proposal.Unknown(unknown(why))));
        }
        for (List<PendingProposal> group = queue.takeGroup();
                !group.isEmpty();
                group = queue.takeGroup()) {
            group.forEach(one -> one.complete(new Proposal.NotApplied(why)));
        }
        whenIdle.run();
    }

    /** Runs this once nothing waits and nothing is in flight; often, or never. */
    void whenIdle(Runnable task) {
        whenIdle = task;
        if (inFlight == null && queue.size() == 0) {
            task.run();
        }
    }
}
