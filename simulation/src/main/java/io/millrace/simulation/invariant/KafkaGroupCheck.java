package io.millrace.simulation.invariant;

import io.millrace.simulation.world.Violations;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the generations, assignments and commits of a group of Kafka, as its members see them. In
 * a group of KIP-848, each assignment of a partition is a generation of its own:
 *
 * <ul>
 *   <li>a partition has one member in a generation, by its assignment and by accepted commits,
 *   <li>a commit under an older generation is rejected once another member has committed under a
 *       newer one,
 *   <li>a member that is assigned a partition receives the last accepted commit, or one whose
 *       outcome is unknown.
 * </ul>
 *
 * <p>The offsets of a partition's commits rise in the order of sending.
 */
public final class KafkaGroupCheck {

    /** A commit of one partition, with the commit that was accepted last when it was sent. */
    public static final class Commit {
        private final String member;
        private final int generation;
        private final int partition;
        private final long offset;
        private final @Nullable Commit before;

        private Commit(
                String member,
                int generation,
                int partition,
                long offset,
                @Nullable Commit before) {
            this.member = member;
            this.generation = generation;
            this.partition = partition;
            this.offset = offset;
            this.before = before;
        }

        public long offset() {
            return offset;
        }

        @Override
        public String toString() {
            return "commit %d of partition %d by %s in generation %d"
                    .formatted(offset, partition, member, generation);
        }
    }

    private record Place(int generation, int partition) {}

    private final Violations violations;
    private final Map<Place, String> assigned = new HashMap<>();
    private final Map<Place, String> committers = new HashMap<>();

    /** For each partition, the accepted commit of the newest generation. */
    private final Map<Integer, Commit> newest = new HashMap<>();

    private final Map<Integer, Long> accepted = new HashMap<>();
    private final Map<Integer, Set<Long>> undecided = new HashMap<>();
    private long lastOffset;

    public KafkaGroupCheck(Violations violations) {
        this.violations = violations;
    }

    public void assigned(String member, int generation, int partition) {
        String other = assigned.putIfAbsent(new Place(generation, partition), member);
        violations.check(
                other == null || other.equals(member),
                "partition %d is assigned to %s and to %s in generation %d",
                partition,
                other,
                member,
                generation);
    }

    /** Returns the next commit of a member. */
    public Commit sent(String member, int generation, int partition) {
        Commit commit =
                new Commit(member, generation, partition, ++lastOffset, newest.get(partition));
        undecided.computeIfAbsent(partition, none -> new HashSet<>()).add(commit.offset);
        return commit;
    }

    public void rejected(Commit commit) {
        undecided.getOrDefault(commit.partition, Set.of()).remove(commit.offset);
    }

    public void accepted(Commit commit) {
        rejected(commit);
        Commit before = commit.before;
        violations.check(
                before == null
                        || before.generation <= commit.generation
                        || before.member.equals(commit.member),
                "%s is accepted, but was sent after the acceptance of %s",
                commit,
                before);
        String other =
                committers.putIfAbsent(
                        new Place(commit.generation, commit.partition), commit.member);
        violations.check(
                other == null || other.equals(commit.member),
                "%s is accepted, as was a commit of %s",
                commit,
                other);
        Commit now = newest.get(commit.partition);
        if (now == null || now.generation <= commit.generation) {
            newest.put(commit.partition, commit);
        }
        accepted.merge(commit.partition, commit.offset, Math::max);
    }

    /** Returns a check of the offsets that a member fetches from now on. */
    public Fetch fetching() {
        return new Fetch(new HashMap<>(accepted), copy());
    }

    private Map<Integer, Set<Long>> copy() {
        Map<Integer, Set<Long>> copy = new HashMap<>();
        undecided.forEach((partition, offsets) -> copy.put(partition, new HashSet<>(offsets)));
        return copy;
    }

    /** A request for committed offsets, with the commits of the time of sending. */
    public final class Fetch {

        private final Map<Integer, Long> least;
        private final Map<Integer, Set<Long>> possible;

        private Fetch(Map<Integer, Long> least, Map<Integer, Set<Long>> possible) {
            this.least = least;
            this.possible = possible;
        }

        /**
         * @param offset -1 if nothing is committed
         */
        public void received(int partition, long offset) {
            long min = least.getOrDefault(partition, -1L);
            violations.check(
                    offset >= min || possible.getOrDefault(partition, Set.of()).contains(offset),
                    "partition %d has the committed offset %d, but %d was accepted before",
                    partition,
                    offset,
                    min);
        }
    }
}
