package io.millrace.metadata.replica;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.state.MetadataState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Determines the commands that the leader should propose:
 *
 * <ul>
 *   <li>close the incarnations of dead nodes,
 *   <li>remember more producers, if the smallest node has the memory,
 *   <li>expire producers and groups that were idle for their retention time,
 *   <li>raise the feature level to the highest that all nodes support, if every open incarnation
 *       belongs to a live node, and the log was empty or the policy is {@link
 *       LevelPolicy#AUTOMATIC}.
 * </ul>
 *
 * <p>Every node measures the times, so that a new leader need not start from zero. Owned by the
 * replica's event loop.
 */
final class Housekeeping {

    /** Short, because group members wait for a new coordinator. */
    private static final Duration COORDINATOR_GRACE = Duration.ofSeconds(1);

    private final IdleTracker producers;
    private final IdleTracker groups;
    private final long graceNanos;
    private final FeatureLevels levels;
    private final LevelPolicy levelPolicy;
    private final long metadataBytes;
    private final Map<Long, MissingIncarnation> missing = new HashMap<>();
    private long producersExpireUpTo;
    private boolean raisesLevel;

    /** An incarnation without a live node, and the time of the last proposal to close it. */
    private record MissingIncarnation(long sinceNanos, OptionalLong proposedNanos) {}

    /**
     * @param incarnationGrace the time after which an incarnation without a live node is closed;
     *     shorter if it coordinates groups
     * @param metadataBytes the memory of this node for the metadata
     */
    Housekeeping(
            Duration producerLife,
            Duration groupLife,
            Duration incarnationGrace,
            FeatureLevels levels,
            LevelPolicy levelPolicy,
            long metadataBytes) {
        this.producers = new IdleTracker(producerLife);
        this.groups = new IdleTracker(groupLife);
        this.graceNanos = incarnationGrace.toNanos();
        this.levels = levels;
        this.levelPolicy = levelPolicy;
        this.raisesLevel = levelPolicy == LevelPolicy.AUTOMATIC;
        this.metadataBytes = metadataBytes;
    }

    /**
     * Reports that the log had no entry when this node opened it. If this node leads, the cluster
     * begins at the newest level of its first nodes.
     */
    void logIsEmpty() {
        raisesLevel = true;
    }

    /** Returns the commands to propose. Called periodically. */
    List<Command> due(long nowNanos, MetadataState state, long own, Membership membership) {
        List<Command> due = new ArrayList<>();
        OptionalLong oldProducers = producers.due(nowNanos, state.entries());
        oldProducers.ifPresent(entry -> producersExpireUpTo = entry);
        OptionalLong oldGroups = groups.due(nowNanos, state.entries());
        Set<Long> live = new HashSet<>(List.of(own));
        membership.nodes().forEach(member -> live.add(member.incarnation()));
        List<Long> open = state.openIncarnations();
        Set<Long> remembered = new TreeSet<>(open);
        // Includes incarnations that died before their first entry.
        remembered.addAll(state.condemnedWriters());
        missing.keySet().retainAll(remembered);
        missing.keySet().removeAll(live);
        for (long incarnation : remembered) {
            if (!live.contains(incarnation)
                    && isToBeClosed(incarnation, nowNanos, state, membership)) {
                due.add(new Command.IncarnationClosed(incarnation));
            }
        }
        if (membership.isLeader()) {
            // A command expires a limited number of producers, so it is repeated.
            if (oldProducers.isPresent() || state.oldestProducerChange() <= producersExpireUpTo) {
                due.add(new Command.ProducersExpired(producersExpireUpTo));
            }
            ProducerCapacity.raise(
                            state.sizes(),
                            MetadataShare.smallest(metadataBytes, membership.nodes()),
                            levels.limitsAt(state.featureLevel()).maxProducers())
                    .ifPresent(due::add);
            if (state.sizes().groups() > 0) {
                oldGroups.ifPresent(entry -> due.add(new Command.GroupsExpired(entry)));
            }
        }
        levelToRaise(state, own, live, membership)
                .ifPresent(level -> due.add(new Command.FeatureLevelRaised(level)));
        return due;
    }

    private OptionalInt levelToRaise(
            MetadataState state, long own, Set<Long> live, Membership membership) {
        if (!raisesLevel) {
            return OptionalInt.empty();
        }
        int known =
                membership.nodes().stream()
                        .mapToInt(RegisteredNode::featureLevel)
                        .reduce(levels.newest(), Math::min);
        if (membership.isLeader() && known > state.featureLevel()) {
            // An unavailable node may return in its old version.
            return live.containsAll(state.openIncarnations())
                    ? OptionalInt.of(known)
                    : OptionalInt.empty();
        }
        if (levelPolicy == LevelPolicy.ON_REQUEST
                && membership.nodes().stream().anyMatch(node -> node.incarnation() == own)) {
            // The cluster has begun, by this node or by the leading one.
            raisesLevel = false;
        }
        return OptionalInt.empty();
    }

    private boolean isToBeClosed(
            long incarnation, long nowNanos, MetadataState state, Membership membership) {
        MissingIncarnation since =
                missing.computeIfAbsent(
                        incarnation,
                        first -> new MissingIncarnation(nowNanos, OptionalLong.empty()));
        boolean late =
                since.proposedNanos().isPresent()
                        // A proposal that was not applied is repeated.
                        ? nowNanos - since.proposedNanos().getAsLong() >= graceNanos
                        : nowNanos - since.sinceNanos() >= graceNanos
                                || (nowNanos - since.sinceNanos() >= COORDINATOR_GRACE.toNanos()
                                        && state.groups().coordinates(incarnation));
        if (!late || !membership.isLeader()) {
            return false;
        }
        missing.put(
                incarnation, new MissingIncarnation(since.sinceNanos(), OptionalLong.of(nowNanos)));
        return true;
    }
}
