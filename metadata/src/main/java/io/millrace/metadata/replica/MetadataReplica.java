package io.millrace.metadata.replica;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.ProducersView;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CommandLimits;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogFollower;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.MetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.node.NodeNumbers;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.log.LogFields;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This process's replica of the metadata: applies the entries of the log and appends proposals.
 * Owned by its event loop; other threads may only call the methods that {@link Metadata} allows.
 */
public final class MetadataReplica implements Metadata, LogFollower {

    private static final Logger LOG = Logger.getLogger(MetadataReplica.class);

    private final EventLoop loop;
    private final MetadataLog log;
    private final ReplicaSettings settings;
    private final MetadataMetrics metrics;
    private final Membership membership;
    private final Proposals proposals;
    private final BarrierQueue barriers;
    private final Housekeeping housekeeping;
    private final Checkpoints checkpoints;
    private final EvictionWarning evictions;
    private final SizeWarning sizeWarning;
    private final RecentDigests digests = new RecentDigests();
    private final List<PartitionListener> listeners = new ArrayList<>();
    private final List<GroupListener> groupListeners = new ArrayList<>();
    private final CompletableFuture<Problem> stopped = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private MetadataState state;
    private volatile Topics topics = Topics.NONE;
    private volatile Acls acls = Acls.NONE;
    private volatile Quotas quotas = Quotas.NONE;
    private volatile ScramCredentials scramCredentials = ScramCredentials.NONE;
    private volatile NodeNumbers nodeNumbers = NodeNumbers.NONE;
    private LogPosition position = LogPosition.START;
    private double sizeFullness;
    private long proposedBytes;
    private boolean open;
    private boolean closing;
    private boolean release;
    private boolean broken;

    private MetadataReplica(
            EventLoop loop,
            MetadataLog log,
            ReplicaSettings settings,
            Membership membership,
            MetadataMetrics metrics,
            RandomGenerator random) {
        this.loop = loop;
        this.log = log;
        this.settings = settings;
        this.membership = membership;
        this.metrics = metrics;
        this.state = new MetadataState(settings.levels());
        this.barriers = new BarrierQueue(loop, log, settings.barrierTimeout());
        this.proposals =
                new Proposals(
                        loop,
                        log,
                        random::nextLong,
                        settings.proposalTimeout(),
                        metrics,
                        this::stop);
        this.checkpoints = new Checkpoints(loop, log, metrics);
        this.evictions = new EvictionWarning(loop, settings.producerLife());
        this.sizeWarning = new SizeWarning(loop, settings.metadataBytes());
        this.housekeeping =
                new Housekeeping(
                        settings.producerLife(),
                        settings.groupLife(),
                        settings.incarnationGrace(),
                        settings.levels(),
                        settings.levelPolicy(),
                        settings.metadataBytes());
    }

    /**
     * Opens the log and follows it.
     *
     * @param log the log, not opened yet; owned by the replica after the call
     * @param membership on the same event loop
     * @param random the source of incarnations, which must differ at each start
     * @return completes on the event loop when the replica is current; fails with the log's
     *     failure, a {@link CorruptMetadataException} or an {@link UnsupportedEntryException}
     */
    public static CompletableFuture<MetadataReplica> open(
            EventLoop loop,
            MetadataLog log,
            ReplicaSettings settings,
            Membership membership,
            MetadataMetrics metrics,
            RandomGenerator random) {
        MetadataReplica replica =
                new MetadataReplica(loop, log, settings, membership, metrics, random);
        CompletableFuture<MetadataReplica> opened = new CompletableFuture<>();
        loop.runNowOrLater(() ->
                log.open(replica)
                        .whenComplete((done, failure) -> {
                            if (failure == null) {
                                replica.opened(opened);
                            } else {
                                opened.completeExceptionally(FutureFailures.unwrap(failure));
                            }
                        }));
        return opened;
    }

    private void opened(CompletableFuture<MetadataReplica> opened) {
        open = true;
        proposals.open();
        metrics.watch(log, settings.metadataBytes());
        metrics.state(state.sizes(), state.featureLevel());
        evictions.begin(state.sizes().producerEvictions());
        updateFullness();
        if (position.entry() == 0) {
            housekeeping.logIsEmpty();
        }
        proposeHousekeeping();
        loop.schedule(settings.maintenanceInterval(), this::maintain);
        LOG.debugf("metadata is current at entry %d", position.entry());
        opened.complete(this);
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public Acls acls() {
        return acls;
    }

    @Override
    public Quotas quotas() {
        return quotas;
    }

    @Override
    public ScramCredentials scramCredentials() {
        return scramCredentials;
    }

    @Override
    public NodeNumbers nodeNumbers() {
        return nodeNumbers;
    }

    @Override
    public MetadataView view() {
        return state;
    }

    @Override
    public ObjectsView objects() {
        return state.objects();
    }

    @Override
    public ProducersView producers() {
        return state.producers();
    }

    @Override
    public Groups groups() {
        return state.groups();
    }

    @Override
    public long incarnation() {
        return proposals.incarnation();
    }

    @Override
    public long generation() {
        return log.generation();
    }

    @Override
    public void addListener(PartitionListener listener) {
        listeners.add(listener);
    }

    @Override
    public void addListener(GroupListener listener) {
        groupListeners.add(listener);
    }

    /** Only on the event loop. */
    public long digest() {
        return state.digest();
    }

    /**
     * Returns the incarnations that appended an entry and are not closed. Only on the event loop.
     */
    public List<Long> openIncarnations() {
        return state.openIncarnations();
    }

    @Override
    public int featureLevel() {
        return state.featureLevel();
    }

    @Override
    public CompletableFuture<Proposal> propose(Command command, Priority lane) {
        PendingProposal proposal = new PendingProposal(command);
        loop.runNowOrLater(() ->
                settings.levels()
                        .rejection(command, state.featureLevel())
                        .or(() -> CommandLimits.violation(command))
                        .or(() ->
                                MetadataShare.rejection(
                                        command,
                                        () -> state.sizes().bytes() + proposedBytes,
                                        this::smallestShareBytes))
                        .ifPresentOrElse(
                                problem -> proposal.complete(new Proposal.NotApplied(problem)),
                                () -> {
                                    reserveUntilDone(proposal);
                                    proposals.add(proposal, lane);
                                }));
        return proposal.future;
    }

    private long smallestShareBytes() {
        return MetadataShare.smallest(settings.metadataBytes(), membership.nodes());
    }

    private void updateFullness() {
        sizeFullness = MetadataShare.fullness(state.sizes().bytes(), smallestShareBytes());
    }

    /**
     * Returns the fill level of the nodes' memory for metadata: by the number of extents, or by the
     * size of all metadata some time ago, whichever is higher. Producers are rejected from 1 on.
     * Only on the event loop.
     *
     * @param maxExtents the limit of extents in memory
     */
    public double fullness(long maxExtents) {
        return Math.max(state.objects().extentsInMemory() / (double) maxExtents, sizeFullness);
    }

    /** Counts what a proposal adds to the state, so that concurrent proposals share the bound. */
    private void reserveUntilDone(PendingProposal proposal) {
        long bytes = MetadataShare.addedBytes(proposal.command);
        if (bytes > 0) {
            proposedBytes += bytes;
            var unused =
                    proposal.future.whenComplete(
                            (done, failure) -> loop.runNowOrLater(() -> proposedBytes -= bytes));
        }
    }

    @Override
    public void checkpoint(LogPosition at, long digest, byte[] bytes, String name) {
        state = CheckpointCodec.decode(bytes, name, settings.levels());
        if (state.digest() != digest || state.entries() != at.entry()) {
            throw new CorruptMetadataException(
                    "%s holds the state after entry %d with digest %016x, not after %d with %016x"
                            .formatted(name, state.entries(), state.digest(), at.entry(), digest));
        }
        position = at;
        digests.note(at.entry(), digest);
        publishSnapshots();
        barriers.applied(at);
    }

    @Override
    public void entry(LogPosition at, byte[] bytes) {
        if (broken) {
            return;
        }
        long durableNanos = loop.nanoTime();
        try {
            @Nullable Entry own = proposals.decodedEntry(bytes);
            Entry entry = own != null ? own : EntryCodec.decode(bytes);
            ApplyResult applied = state.apply(entry);
            proposals.applied(entry, applied, durableNanos);
            handleClosedIncarnations(entry, applied);
        } catch (UnsupportedEntryException | CorruptMetadataException e) {
            if (!open) {
                throw e;
            }
            stop(new Problem(Reason.METADATA_UNAVAILABLE, String.valueOf(e.getMessage())));
            return;
        } catch (Throwable bug) {
            stopHalfApplied(at, bug);
            return;
        }
        position = at;
        digests.note(at.entry(), state.digest());
        publishSnapshots();
        metrics.entries.increment();
        state.reportChanges(this::report);
        state.reportGroupChanges(this::reportGroup);
        metrics.apply.record(Duration.ofNanos(loop.nanoTime() - durableNanos));
        barriers.applied(position);
    }

    private void publishSnapshots() {
        topics = state.topics();
        acls = state.acls();
        quotas = state.quotas();
        scramCredentials = state.scramCredentials();
        nodeNumbers = state.nodeNumbers();
    }

    /**
     * Stops after an entry that may be applied in part. Readers find an empty state until the
     * process ends, because the half-applied one may contradict the log.
     */
    private void stopHalfApplied(LogPosition at, Throwable bug) {
        String message =
                "Entry %d of the metadata log cannot be applied: %s. This is a bug: report the stack in the log of the node. Another version of the program may be able to apply the entry."
                        .formatted(at.entry(), bug);
        LogFields.entry(at.entry()).log(() -> LOG.error(message, bug));
        if (!open) {
            throw new CorruptMetadataException(message, bug);
        }
        state = new MetadataState(settings.levels());
        publishSnapshots();
        stop(new Problem(Reason.METADATA_UNAVAILABLE, message));
    }

    private void handleClosedIncarnations(Entry entry, ApplyResult applied) {
        if (!open || !(applied instanceof ApplyResult.Outcomes)) {
            return;
        }
        for (Command command : entry.commands()) {
            if (command instanceof Command.IncarnationClosed(long closed)) {
                if (closed == incarnation()) {
                    proposals.closed();
                } else {
                    LogFields.incarnation(closed)
                            .log(() ->
                                    LOG.infof(
                                            "Incarnation %016x was closed, because its node is dead.",
                                            closed));
                }
            }
        }
    }

    private void report(long topicId, int partition) {
        for (PartitionListener listener : listeners) {
            isolated(() -> listener.partitionChanged(topicId, partition));
        }
    }

    private void reportGroup(String group) {
        for (GroupListener listener : groupListeners) {
            isolated(() -> listener.groupChanged(group));
        }
    }

    /** Runs a listener, whose failure must not affect the replica or other listeners. */
    private void isolated(Runnable listener) {
        try {
            listener.run();
        } catch (Throwable bug) {
            LogFields.entry(position.entry())
                    .log(() ->
                            LOG.errorf(
                                    bug,
                                    "A listener of the metadata failed after entry %d, which is a bug. Its"
                                            + " component may have missed the change: report the stack and restart the"
                                            + " process.",
                                    position.entry()));
        }
    }

    @Override
    public OptionalLong digestAt(LogPosition at) {
        return digests.after(at.entry());
    }

    @Override
    public void logFailed(LogException why) {
        stop(new Problem(Reason.METADATA_UNAVAILABLE, String.valueOf(why.getMessage())));
    }

    private void stop(Problem problem) {
        if (!broken) {
            broken = true;
            proposals.stop(problem);
            barriers.stop(new ProblemException(problem));
            stopped.complete(problem);
        }
    }

    /**
     * Completes on the event loop, with the cause, when this replica stops following the log. The
     * replica then rejects all proposals until the process is restarted. Any thread.
     */
    public CompletableFuture<Problem> stopped() {
        return stopped.copy();
    }

    /**
     * Returns the cause, effect and action while the nodes' states differ and none has a majority.
     * Any thread.
     */
    public Optional<String> dispute() {
        return log.statistics().dispute();
    }

    /**
     * Returns the time since the log last sent entries or confirmed that there are none; zero in a
     * process without a cluster. Any thread.
     */
    public Duration age() {
        return log.statistics().stale();
    }

    @Override
    public CompletableFuture<Void> barrier() {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        loop.runNowOrLater(() -> barriers.add(reached));
        return reached;
    }

    @Override
    public CompletableFuture<LogManifest> manifest() {
        CompletableFuture<LogManifest> found = new CompletableFuture<>();
        loop.runNowOrLater(() ->
                log.manifest()
                        .whenComplete((manifest, failure) ->
                                loop.runNowOrLater(() -> {
                                    if (failure == null) {
                                        found.complete(manifest);
                                    } else {
                                        found.completeExceptionally(BarrierQueue.timedOut());
                                    }
                                })));
        return found;
    }

    private void maintain() {
        if (closing || broken) {
            return;
        }
        try {
            checkpoints.takeIfDue(position, state);
            log.maintain();
            proposeHousekeeping();
            metrics.state(state.sizes(), state.featureLevel());
            evictions.check(state.sizes().producerEvictions());
            sizeWarning.check(state.sizes().bytes());
            updateFullness();
        } finally {
            loop.schedule(settings.maintenanceInterval(), this::maintain);
        }
    }

    private void proposeHousekeeping() {
        for (Command command :
                housekeeping.due(loop.nanoTime(), state, incarnation(), membership)) {
            propose(command, Priority.BACKGROUND);
        }
    }

    /** Rejects new proposals, waits for pending proposals and releases the log. Any thread. */
    public CompletableFuture<Void> close() {
        loop.runNowOrLater(() -> {
            closing = true;
            checkpoints.close();
            if (!broken) {
                proposals.reject(
                        new Problem(
                                Reason.SHUTTING_DOWN,
                                "This node is shutting down. Retry at another node."));
            }
            proposals.whenIdle(this::release);
            // All proposals have timed out by then.
            loop.schedule(settings.proposalTimeout(), this::release);
        });
        return closed;
    }

    private void release() {
        if (!release) {
            release = true;
            log.close().whenComplete((done, failure) -> closed.complete(null));
        }
    }
}
