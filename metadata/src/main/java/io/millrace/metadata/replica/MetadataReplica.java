package io.millrace.metadata.replica;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.log.AppendOutcome;
import io.millrace.metadata.log.EntryId;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.state.Applied;
import io.millrace.metadata.state.CheckpointCodec;
import io.millrace.metadata.state.CorruptMetadataException;
import io.millrace.metadata.state.EntryCodec;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.state.UnsupportedEntryException;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.Loop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This process's copy of the metadata: applies what the log says, and proposes what this process
 * wants, one append at a time, with all that is queued meanwhile in the next one. Owned by the loop
 * that it is made with; only what {@link Metadata} says may be called from elsewhere.
 */
public final class MetadataReplica implements Metadata, LogFollower {

    private static final Logger LOG = Logger.getLogger(MetadataReplica.class);

    /** An append of this process that the log has not answered yet. */
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

    private final Loop loop;
    private final MetadataLog log;
    private final ReplicaSettings settings;
    private final MetadataMetrics metrics;
    private final long incarnation;
    private final ProposalQueue queue = new ProposalQueue();
    private final BarrierQueue barriers;
    private final List<PartitionListener> listeners = new ArrayList<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private MetadataState state = new MetadataState();
    private volatile Topics topics = Topics.NONE;
    private LogPosition position = LogPosition.START;
    private long n;
    private boolean open;
    private boolean closing;
    private boolean checkpointing;
    private @Nullable InFlight inFlight;
    private @Nullable Problem broken;

    private MetadataReplica(
            Loop loop,
            MetadataLog log,
            ReplicaSettings settings,
            MetadataMetrics metrics,
            RandomGenerator random) {
        this.loop = loop;
        this.log = log;
        this.settings = settings;
        this.metrics = metrics;
        this.incarnation = random.nextLong() | 1;
        this.barriers = new BarrierQueue(loop, log, settings.barrierTimeout());
    }

    /**
     * Reads the log and follows it.
     *
     * @param log not opened yet; the replica's from now on
     * @param random for the incarnation: must differ at each start
     * @return completes on the loop when the copy is current; fails with what the log failed with,
     *     or a {@link CorruptMetadataException} or {@link UnsupportedEntryException}
     */
    public static CompletableFuture<MetadataReplica> open(
            Loop loop,
            MetadataLog log,
            ReplicaSettings settings,
            MetadataMetrics metrics,
            RandomGenerator random) {
        MetadataReplica replica = new MetadataReplica(loop, log, settings, metrics, random);
        CompletableFuture<MetadataReplica> opened = new CompletableFuture<>();
        loop.run(() ->
                log.open(replica)
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                replica.opened(opened);
                            } else {
                                opened.completeExceptionally(cause(failure));
                            }
                        }));
        return opened;
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof java.util.concurrent.CompletionException && cause != null
                ? cause
                : failure;
    }

    private void opened(CompletableFuture<MetadataReplica> opened) {
        open = true;
        metrics.watch(log);
        metrics.state(state.sizes());
        if (settings.soleWriter()) {
            for (long earlier : state.openIncarnations()) {
                propose(new Command.IncarnationClosed(earlier), Lane.BACKGROUND);
            }
        }
        loop.schedule(settings.maintenanceInterval(), this::maintain);
        LOG.debugf("metadata is current at entry %d", position.entry());
        opened.complete(this);
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public MetadataView view() {
        return state;
    }

    @Override
    public long incarnation() {
        return incarnation;
    }

    @Override
    public void addListener(PartitionListener listener) {
        listeners.add(listener);
    }

    /** The rolling digest of everything applied. Only on the loop. */
    public long digest() {
        return state.digest();
    }

    @Override
    public CompletableFuture<Proposal> propose(Command command, Lane lane) {
        PendingProposal proposal = new PendingProposal(command);
        loop.run(() -> enqueue(proposal, lane));
        return proposal.future;
    }

    private void enqueue(PendingProposal proposal, Lane lane) {
        if (broken != null) {
            proposal.complete(new Proposal.NotApplied(broken));
        } else if (closing) {
            proposal.complete(
                    new Proposal.NotApplied(
                            new Problem(
                                    Reason.SHUTTING_DOWN,
                                    "This node is shutting down; ask another one.")));
        } else if (!queue.add(proposal, lane)) {
            proposal.complete(
                    new Proposal.NotApplied(
                            new Problem(
                                    Reason.OVERLOADED,
                                    "Too many changes of metadata wait already; try again.")));
        } else {
            proposal.deadline = loop.schedule(settings.proposalTimeout(), () -> timedOut(proposal));
            appendNext();
        }
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

    private void appendNext() {
        if (inFlight != null || !open || broken != null) {
            return;
        }
        List<PendingProposal> group = queue.takeGroup();
        if (group.isEmpty()) {
            finishClosing();
            return;
        }
        Entry entry =
                new Entry(incarnation, n + 1, group.stream().map(one -> one.command).toList());
        byte[] bytes;
        try {
            bytes = EntryCodec.encode(entry);
        } catch (IllegalArgumentException tooLarge) {
            LOG.error("a command is too large for the metadata log", tooLarge);
            Problem problem =
                    new Problem(
                            Reason.TOO_LARGE,
                            "The change is too large for one entry of the metadata log.");
            group.forEach(one -> one.complete(new Proposal.NotApplied(problem)));
            loop.execute(this::appendNext);
            return;
        }
        n++;
        InFlight append = new InFlight(entry, bytes, group, loop.nanoTime());
        inFlight = append;
        log.append(new EntryId(0, incarnation, entry.n()), bytes)
                .thenAccept(outcome -> appended(append, outcome));
    }

    private void appended(InFlight append, AppendOutcome outcome) {
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
                append.group.forEach(one -> one.complete(new Proposal.Unknown(lost.problem())));
                stop(lost.problem());
            }
        }
        appendNext();
    }

    private void complete(InFlight append) {
        switch (append.applied) {
            case Applied.Outcomes applied -> complete(append, applied.outcomes());
            case Applied.Repeated repeated -> complete(append, repeated.outcomes());
            case Applied.Closed closedBefore -> {
                Problem problem =
                        new Problem(
                                Reason.METADATA_UNAVAILABLE,
                                "The cluster took this node for dead; it must be restarted.");
                append.group.forEach(one -> one.complete(new Proposal.NotApplied(problem)));
                stop(problem);
            }
            case null -> {
                // It was appended, yet never delivered: the log broke its word.
                append.group.forEach(one -> one.complete(new Proposal.Unknown(unknown())));
                stop(unknown());
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

    @Override
    public void checkpoint(LogPosition at, long digest, byte[] bytes, String name) {
        state = CheckpointCodec.decode(bytes, name);
        if (state.digest() != digest || state.entries() != at.entry()) {
            throw new CorruptMetadataException(
                    "%s holds the state after entry %d with digest %016x, not after %d with %016x"
                            .formatted(name, state.entries(), state.digest(), at.entry(), digest));
        }
        position = at;
        topics = state.topics();
        barriers.applied(at);
    }

    @Override
    public void entry(LogPosition at, byte[] bytes) {
        if (broken != null) {
            return;
        }
        long durableNanos = loop.nanoTime();
        InFlight own = inFlight;
        boolean isOwn = own != null && own.bytes == bytes;
        try {
            Entry entry = isOwn && own != null ? own.entry : EntryCodec.decode(bytes);
            Applied applied = state.apply(entry);
            if (own != null && own.entry.n() == entry.n() && entry.incarnation() == incarnation) {
                own.applied = applied;
                own.durableNanos = durableNanos;
            }
        } catch (UnsupportedEntryException | CorruptMetadataException e) {
            LOG.error("the metadata stop at entry " + at.entry(), e);
            stop(new Problem(Reason.METADATA_UNAVAILABLE, String.valueOf(e.getMessage())));
            throw e;
        }
        position = at;
        topics = state.topics();
        metrics.entries.increment();
        state.reportChanges(this::tell);
        metrics.apply.record(Duration.ofNanos(loop.nanoTime() - durableNanos));
        barriers.applied(position);
    }

    private void tell(long topicId, int partition) {
        for (PartitionListener listener : listeners) {
            listener.changed(topicId, partition);
        }
    }

    @Override
    public void broken(LogException why) {
        LOG.error("the metadata log is broken", why);
        stop(new Problem(Reason.METADATA_UNAVAILABLE, String.valueOf(why.getMessage())));
    }

    private void stop(Problem problem) {
        if (broken != null) {
            return;
        }
        broken = problem;
        for (List<PendingProposal> group = queue.takeGroup();
                !group.isEmpty();
                group = queue.takeGroup()) {
            group.forEach(one -> one.complete(new Proposal.NotApplied(problem)));
        }
        barriers.stop(new ProblemException(problem));
        finishClosing();
    }

    @Override
    public CompletableFuture<Void> barrier() {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        loop.run(() -> barriers.add(reached));
        return reached;
    }

    private void maintain() {
        if (closing || broken != null) {
            return;
        }
        log.maintain();
        metrics.state(state.sizes());
        if (log.wantsCheckpoint() && !checkpointing) {
            checkpoint();
        }
        loop.schedule(settings.maintenanceInterval(), this::maintain);
    }

    private void checkpoint() {
        checkpointing = true;
        long startNanos = loop.nanoTime();
        List<ByteBuffer> snapshot = state.snapshot();
        metrics.snapshot.record(Duration.ofNanos(loop.nanoTime() - startNanos));
        log.keepCheckpoint(position, state.digest(), snapshot)
                .whenComplete((done, failure) -> {
                    checkpointing = false;
                    if (failure == null) {
                        metrics.checkpoint.record(Duration.ofNanos(loop.nanoTime() - startNanos));
                    } else {
                        LOG.warnf(
                                "a checkpoint was not kept, and will be tried again: %s",
                                failure.getMessage());
                    }
                });
    }

    /** Takes no more proposals, waits for those it has, and lets go of the log. Any thread. */
    public CompletableFuture<Void> close() {
        loop.run(() -> {
            closing = true;
            appendNext();
            finishClosing();
        });
        return closed;
    }

    private boolean letGo;

    private void finishClosing() {
        if (closing && !letGo && inFlight == null && queue.size() == 0) {
            letGo = true;
            log.close().whenComplete((done, failure) -> closed.complete(null));
        }
    }
}
