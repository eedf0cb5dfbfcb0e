package io.millrace.simulation.invariant;

import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.Lease;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.world.Violations;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks the committed offsets of a group after every log entry:
 *
 * <ul>
 *   <li>a committed offset was sent by the holder of the lease and counts once,
 *   <li>the commits of a process count in the order of sending,
 *   <li>a reset counts only while the group is empty,
 *   <li>all nodes have the same offsets,
 *   <li>an acknowledged commit has counted.
 * </ul>
 */
final class CommitCheck {

    private static final long NEVER = -1;

    /** Also compares states from checkpoints. */
    private static final int COMPARE_EVERY = 16;

    interface Notes {
        void note(String what, long who, PartitionId key, long offset);
    }

    private record Sender(long process, PartitionId key) {}

    private final EventLoop world;
    private final Notes notes;
    private final Violations violations;
    private final Consumer<SentCommit> whenCounts;
    private final Map<String, SentCommit> sent = new HashMap<>();

    /** The position of each commit among the commits that counted. */
    private final Map<String, Integer> counted = new HashMap<>();

    private final Map<Sender, Long> highestNumbers = new HashMap<>();

    private final Map<PartitionId, TreeMap<Long, SentCommit>> history = new TreeMap<>();

    private final Map<PartitionId, Long> resetNanos = new TreeMap<>();
    private final Set<Long> changedAt = new HashSet<>();
    private final Set<Long> seenAt = new HashSet<>();
    private Map<PartitionId, Optional<Lease>> leases = Map.of();
    private boolean wasEmpty = true;
    private long newest;
    private long gapNanos = NEVER;

    CommitCheck(
            EventLoop world, Notes notes, Violations violations, Consumer<SentCommit> whenCounts) {
        this.world = world;
        this.notes = notes;
        this.violations = violations;
        this.whenCounts = whenCounts;
    }

    /**
     * @param member the member id; empty for a reset
     * @param number the sequence number among the commits of the process
     * @param reported the generation in which the process was assigned the partition
     */
    SentCommit sent(
            PartitionId key, long offset, long process, String member, long number, int reported) {
        String text = "commit " + (sent.size() + 1);
        SentCommit commit =
                new SentCommit(
                        text, key, offset, process, member, number, reported, world.nanoTime());
        sent.put(text, commit);
        return commit;
    }

    /** Returns the committed offset after the newest entry of any node, or null. */
    /**
     * Checks that a member continues at the group's offset.
     *
     * @param from the offset that the member received; empty for the log start
     * @param maxLogStart the highest offset to which the partition may be trimmed
     */
    void assigned(
            Object member,
            long process,
            PartitionId key,
            Optional<CommittedOffset> from,
            long maxLogStart) {
        SentCommit now = current(key);
        long offset = from.map(CommittedOffset::offset).orElse(0L);
        boolean isThere =
                now == null
                        ? offset <= maxLogStart
                        : from.isPresent()
                                && from.get().text().equals(now.text())
                                && offset == now.offset();
        violations.check(
                // A delayed earlier commit of the same process may count in between.
                isThere || (now != null && now.process() == process),
                "member %s was assigned %s from %s on, but the group is at %s",
                member,
                key,
                from,
                now);
    }

    @Nullable SentCommit current(PartitionId key) {
        TreeMap<Long, SentCommit> of = history.get(key);
        return of == null ? null : of.lastEntry().getValue();
    }

    void applied(int node, @Nullable Group now, long entry) {
        if (entry > newest) {
            advance(now, entry);
        } else if (seenAt.contains(entry)
                && (changedAt.contains(entry) || entry % COMPARE_EVERY == 0)) {
            compare(node, now, entry);
        }
    }

    private void advance(@Nullable Group now, long entry) {
        boolean gap = entry != newest + 1;
        if (gap) {
            gapNanos = world.nanoTime();
        }
        newest = entry;
        seenAt.add(entry);
        boolean isEmpty = now == null || now.members().isEmpty();
        Map<PartitionId, Optional<Lease>> leasesNow = leases(now);
        for (PartitionId key : leasesNow.keySet()) {
            committed(now, key)
                    .filter(committed -> isNew(key, committed))
                    .ifPresent(committed -> {
                        SentCommit commit = sentCommit(key, committed);
                        if (commit != null && !gap) {
                            mayCount(
                                    commit,
                                    wasEmpty || isEmpty,
                                    List.of(
                                            leases.getOrDefault(key, Optional.empty()),
                                            leasesNow.getOrDefault(key, Optional.empty())));
                        }
                        if (commit != null) {
                            counts(commit, entry);
                        }
                    });
        }
        for (PartitionId key : history.keySet()) {
            violations.check(
                    committed(now, key).isPresent(),
                    "%s is lost with entry %d",
                    current(key),
                    entry);
        }
        wasEmpty = isEmpty;
        leases = leasesNow;
    }

    private static Map<PartitionId, Optional<Lease>> leases(@Nullable Group now) {
        Map<PartitionId, Optional<Lease>> leases = new TreeMap<>();
        if (now != null) {
            for (long topic : now.topics()) {
                for (int partition : now.partitions(topic)) {
                    leases.put(new PartitionId(topic, partition), now.lease(topic, partition));
                }
            }
        }
        return leases;
    }

    private static Optional<CommittedOffset> committed(@Nullable Group now, PartitionId key) {
        return now == null ? Optional.empty() : now.committed(key.topicId(), key.partition());
    }

    private boolean isNew(PartitionId key, CommittedOffset committed) {
        SentCommit before = current(key);
        return before == null
                || !before.text().equals(committed.text())
                || before.offset() != committed.offset();
    }

    private @Nullable SentCommit sentCommit(PartitionId key, CommittedOffset committed) {
        SentCommit commit = sent.get(committed.text());
        boolean fits =
                commit != null && commit.key().equals(key) && commit.offset() == committed.offset();
        violations.check(fits, "%s is at %s, which no member sent", key, committed);
        return fits ? commit : null;
    }

    private void mayCount(SentCommit commit, boolean empty, List<Optional<Lease>> before) {
        violations.check(
                commit.isReset()
                        ? empty
                        : before.stream()
                                .flatMap(Optional::stream)
                                .anyMatch(lease -> isUnder(lease, commit)),
                "%s counts, but the leases of the partition are %s",
                commit,
                before);
    }

    /**
     * Returns whether the lease is the sender's; in a later generation, it is a different lease.
     */
    private static boolean isUnder(Lease lease, SentCommit commit) {
        return lease.member().equals(commit.member()) && lease.generation() <= commit.reported();
    }

    /** Returns whether a commit counted after the commit with that text, if any. */
    boolean countedAfter(SentCommit commit, String text) {
        int before = counted.getOrDefault(text, -1);
        return counted.getOrDefault(commit.text(), -1) > before;
    }

    private void counts(SentCommit commit, long entry) {
        violations.check(
                counted.putIfAbsent(commit.text(), counted.size()) == null,
                "%s counts for the second time",
                commit);
        if (commit.isReset()) {
            resetNanos.put(commit.key(), world.nanoTime());
        } else if (commit.isStartCommit()) {
            violations.check(
                    current(commit.key()) == null,
                    "%s counts as the start, after %s",
                    commit,
                    current(commit.key()));
        } else {
            long before =
                    Optional.ofNullable(highestNumbers.put(sender(commit), commit.number()))
                            .orElse(0L);
            violations.check(
                    commit.number() > before,
                    "%s counts after number %d of its sender",
                    commit,
                    before);
        }
        history.computeIfAbsent(commit.key(), key -> new TreeMap<>()).put(entry, commit);
        changedAt.add(entry);
        notes.note(
                commit.isReset() ? "reset counts" : "counts",
                commit.number(),
                commit.key(),
                commit.offset());
        whenCounts.accept(commit);
    }

    private static Sender sender(SentCommit commit) {
        return new Sender(commit.process(), commit.key());
    }

    private void compare(int node, @Nullable Group now, long entry) {
        history.forEach((key, of) -> {
            Map.Entry<Long, SentCommit> expected = of.floorEntry(entry);
            String there = committed(now, key).map(CommittedOffset::text).orElse("nothing");
            violations.check(
                    there.equals(expected == null ? "nothing" : expected.getValue().text()),
                    "node %d has %s committed for %s after entry %d, expected %s",
                    node,
                    there,
                    key,
                    entry,
                    expected);
        });
    }

    void answered(SentCommit commit, RowOutcome row) {
        if (commit.isReset() || row instanceof RowOutcome.Rejected) {
            return;
        }
        // If a later commit replaced the offset in the same entry, only that commit is visible.
        boolean unseen =
                gapNanos >= commit.sentNanos()
                        || resetNanos.getOrDefault(commit.key(), NEVER) >= commit.sentNanos();
        violations.check(
                unseen || highestNumbers.getOrDefault(sender(commit), 0L) >= commit.number(),
                "%s was acknowledged, but never counted",
                commit);
    }
}
