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
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Knows what the node that leads should propose now: incarnations of nodes that are gone are
 * closed, producers that wrote nothing and groups that were empty for long are forgotten, and the
 * feature level is raised to what all nodes know: those that live, while no other might still come
 * back. Every node keeps count, so that a new leader need not begin. Owned by the replica's loop.
 */
final class Housekeeping {

    /** The members of a group wait for it to get another coordinator. */
    private static final Duration COORDINATOR_GRACE = Duration.ofSeconds(1);

    private final IdleTracker producers;
    private final IdleTracker groups;
    private final long graceNanos;
    private final FeatureLevels levels;
    private final Map<Long, Missing> missing = new HashMap<>();

    /** Since when an incarnation is not live, and when its closing was proposed last. */
    private record Missing(long sinceNanos, OptionalLong proposedNanos) {}

    /**
     * @param producerLife a producer that wrote nothing for so long is forgotten
     * @param groupLife a group that had no members and no commits for so long is forgotten
     * @param incarnationGrace an incarnation of no live node is closed after so long; sooner if it
     *     coordinates groups
     * @param levels that this node knows
     */
    Housekeeping(
            Duration producerLife,
            Duration groupLife,
            Duration incarnationGrace,
            FeatureLevels levels) {
        this.producers = new IdleTracker(producerLife);
        this.groups = new IdleTracker(groupLife);
        this.graceNanos = incarnationGrace.toNanos();
        this.levels = levels;
    }

    /**
     * To be asked now and then.
     *
     * @param nowNanos of the monotonic clock
     * @param own this node's incarnation
     * @return what to propose
     */
    List<Command> due(long nowNanos, MetadataState state, long own, Membership membership) {
        List<Command> due = new ArrayList<>();
        OptionalLong oldProducers = producers.due(nowNanos, state.entries());
        OptionalLong oldGroups = groups.due(nowNanos, state.entries());
        Set<Long> live = new HashSet<>(List.of(own));
        membership.members().forEach(member -> live.add(member.incarnation()));
        List<Long> open = state.openIncarnations();
        Set<Long> remembered = new TreeSet<>(open);
        // One that died before its first entry would be remembered for ever.
        remembered.addAll(state.condemnedWriters());
        missing.keySet().retainAll(remembered);
        missing.keySet().removeAll(live);
        for (long incarnation : remembered) {
            if (!live.contains(incarnation)
                    && isToBeClosed(incarnation, nowNanos, state, membership)) {
                due.add(new Command.IncarnationClosed(incarnation));
            }
        }
        if (membership.leads()) {
            oldProducers.ifPresent(entry -> due.add(new Command.ProducersExpired(entry)));
            if (state.sizes().groups() > 0) {
                oldGroups.ifPresent(entry -> due.add(new Command.GroupsExpired(entry)));
            }
            int known =
                    membership.members().stream()
                            .mapToInt(RegisteredNode::featureLevel)
                            .reduce(levels.newest(), Math::min);
            // Nobody says what a node knows that is away and may come back as it was.
            if (known > state.featureLevel() && live.containsAll(open)) {
                due.add(new Command.FeatureLevelRaised(known));
            }
        }
        return due;
    }

    private boolean isToBeClosed(
            long incarnation, long nowNanos, MetadataState state, Membership membership) {
        Missing since =
                missing.computeIfAbsent(
                        incarnation, first -> new Missing(nowNanos, OptionalLong.empty()));
        boolean late =
                since.proposedNanos().isPresent()
                        // Should the last proposal not be applied, it is made again.
                        ? nowNanos - since.proposedNanos().getAsLong() >= graceNanos
                        : nowNanos - since.sinceNanos() >= graceNanos
                                || (nowNanos - since.sinceNanos() >= COORDINATOR_GRACE.toNanos()
                                        && coordinates(incarnation, state));
        if (!late || !membership.leads()) {
            return false;
        }
        missing.put(incarnation, new Missing(since.sinceNanos(), OptionalLong.of(nowNanos)));
        return true;
    }

    private static boolean coordinates(long incarnation, MetadataState state) {
        OptionalLong wanted = OptionalLong.of(incarnation);
        return state.groups().ids().stream()
                .flatMap(id -> state.groups().group(id).stream())
                .anyMatch(group -> group.coordinator().equals(wanted));
    }
}
