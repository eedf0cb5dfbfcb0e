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
 * Looks at what a group has committed behind every entry of the log: what is there was sent, came
 * there once, from who has the lease and behind all that the same process had sent before, or from
 * a reset while the group was empty. All nodes have the same, and what was acknowledged was there.
 */
final class CommitCheck {

    private static final long NEVER = -1;

    /** So that what a node got out of a checkpoint is looked at too. */
    private static final int COMPARE_EVERY = 16;

    /** Hears what happens, for the trace. */
    interface Notes {
        void note(String what, long who, PartitionId key, long offset);
    }

    private record Sender(long process, PartitionId key) {}

    private final EventLoop world;
    private final Notes notes;
    private final Violations violations;
    private final Consumer<SentCommit> whenCounts;
    private final Map<String, SentCommit> sent = new HashMap<>();

    /** The place of each that counted, among all. */
    private final Map<String, Integer> counted = new HashMap<>();

    private final Map<Sender, Long> highest = new HashMap<>();

    /** What counts, from which entry on. */
    private final Map<PartitionId, TreeMap<Long, SentCommit>> history = new TreeMap<>();

    private final Map<PartitionId, Long> resetNanos = new TreeMap<>();
    private final Set<Long> changedAt = new HashSet<>();
    private final Set<Long> seenAt = new HashSet<>();
    private Map<PartitionId, Optional<Lease>> leases = Map.of();
    private boolean wasEmpty = true;
    private long newest;
    private long gapNanos = NEVER;

    /**
     * @param whenCounts hears of each commit once it is what the group has committed
     */
    CommitCheck(
            EventLoop world, Notes notes, Violations violations, Consumer<SentCommit> whenCounts) {
        this.world = world;
        this.notes = notes;
        this.violations = violations;
        this.whenCounts = whenCounts;
    }

    /**
     * Somebody is about to commit.
     *
     * @param process of a member, or RESET
     * @param member its id; empty for a reset
     * @param number among the process's commits
     * @param reported the generation in which it heard that it has the partition
     */
    SentCommit sent(
            PartitionId key, long offset, long process, String member, long number, int reported) {
        String text = "commit " + (sent.size() + 1);
        SentCommit one =
                new SentCommit(
                        text, key, offset, process, member, number, reported, world.nanoTime());
        sent.put(text, one);
        return one;
    }

    /** What the group has committed by the newest entry that anybody has; null if nothing. */
    @Nullable SentCommit current(PartitionId key) {
        TreeMap<Long, SentCommit> of = history.get(key);
        return of == null ? null : of.lastEntry().getValue();
    }

    /**
     * A node's copy is at this entry now.
     *
     * @param now the group in it; null if there is none
     */
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
                        SentCommit one = known(key, committed);
                        if (one != null && !gap) {
                            mayCount(
                                    one,
                                    wasEmpty || isEmpty,
                                    List.of(
                                            leases.getOrDefault(key, Optional.empty()),
                                            leasesNow.getOrDefault(key, Optional.empty())));
                        }
                        if (one != null) {
                            counts(one, entry);
                        }
                    });
        }
        for (PartitionId key : history.keySet()) {
            violations.check(
                    committed(now, key).isPresent(),
                    "%s is forgotten with entry %d",
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

    private @Nullable SentCommit known(PartitionId key, CommittedOffset committed) {
        SentCommit one = sent.get(committed.text());
        boolean fits = one != null && one.key().equals(key) && one.offset() == committed.offset();
        violations.check(fits, "%s is at %s, which nobody sent", key, committed);
        return fits ? one : null;
    }

    private void mayCount(SentCommit one, boolean empty, List<Optional<Lease>> before) {
        violations.check(
                one.isReset()
                        ? empty
                        : before.stream()
                                .flatMap(Optional::stream)
                                .anyMatch(lease -> isUnder(lease, one)),
                "%s counts, and the partition is that of %s",
                one,
                before);
    }

    /** A lease that was given later than the sender heard of its own is another one. */
    private static boolean isUnder(Lease lease, SentCommit one) {
        return lease.member().equals(one.member()) && lease.generation() <= one.reported();
    }

    /** Whether a commit counted behind what was committed with that text, if anything was. */
    boolean countedAfter(SentCommit one, String text) {
        int before = counted.getOrDefault(text, -1);
        return counted.getOrDefault(one.text(), -1) > before;
    }

    private void counts(SentCommit one, long entry) {
        violations.check(
                counted.putIfAbsent(one.text(), counted.size()) == null,
                "%s counts for the second time",
                one);
        if (one.isReset()) {
            resetNanos.put(one.key(), world.nanoTime());
        } else if (one.isOfTheStart()) {
            violations.check(
                    current(one.key()) == null,
                    "%s counts as the start, behind %s",
                    one,
                    current(one.key()));
        } else {
            long before = Optional.ofNullable(highest.put(sender(one), one.number())).orElse(0L);
            violations.check(
                    one.number() > before, "%s counts behind number %d of its sender", one, before);
        }
        history.computeIfAbsent(one.key(), key -> new TreeMap<>()).put(entry, one);
        changedAt.add(entry);
        notes.note(
                one.isReset() ? "reset counts" : "counts", one.number(), one.key(), one.offset());
        whenCounts.accept(one);
    }

    private static Sender sender(SentCommit one) {
        return new Sender(one.process(), one.key());
    }

    private void compare(int node, @Nullable Group now, long entry) {
        history.forEach((key, of) -> {
            Map.Entry<Long, SentCommit> expected = of.floorEntry(entry);
            String there = committed(now, key).map(CommittedOffset::text).orElse("nothing");
            violations.check(
                    there.equals(expected == null ? "nothing" : expected.getValue().text()),
                    "node %d has committed %s of %s after entry %d, others have %s",
                    node,
                    there,
                    key,
                    entry,
                    expected);
        });
    }

    /** A member hears what became of its commit. */
    void answered(SentCommit one, RowOutcome row) {
        if (one.isReset() || row instanceof RowOutcome.Rejected) {
            return;
        }
        // What came behind it in the same entry is all that is left of that to see.
        boolean unseen =
                gapNanos >= one.sentNanos()
                        || resetNanos.getOrDefault(one.key(), NEVER) >= one.sentNanos();
        violations.check(
                unseen || highest.getOrDefault(sender(one), 0L) >= one.number(),
                "%s was acknowledged, and never counted",
                one);
    }
}
