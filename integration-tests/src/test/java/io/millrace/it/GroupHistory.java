package io.millrace.it;

import io.millrace.it.GroupEvent.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The events of all members of a group, and a check for violations. Single-threaded. */
final class GroupHistory {

    /** The ownership of a partition by a member, from the assignment to the end. */
    private static final class Ownership {
        final String member;
        final GroupEvent assigned;
        final List<GroupEvent> work = new ArrayList<>();
        boolean released;
        boolean lost;

        Ownership(String member, GroupEvent assigned) {
            this.member = member;
            this.assigned = assigned;
        }

        /** Returns the offset after the last handled record. */
        long end() {
            long end = assigned.offset();
            for (GroupEvent event : work) {
                end = event.kind() == Kind.HANDLED ? event.offset() : end;
            }
            return end;
        }

        @Override
        public String toString() {
            return "%s from %d on, assigned at %d"
                    .formatted(member, assigned.offset(), assigned.nanos());
        }
    }

    private final Map<Integer, List<Ownership>> ownerships = new TreeMap<>();
    private final Set<String> killed = new HashSet<>();

    /** Adds the events of one member. */
    void add(String member, List<GroupEvent> events) {
        Map<Integer, Ownership> now = new HashMap<>();
        for (GroupEvent event : events) {
            int partition = event.partition();
            if (event.kind() == Kind.ASSIGNED) {
                Ownership begins = new Ownership(member, event);
                now.put(partition, begins);
                ownerships.computeIfAbsent(partition, any -> new ArrayList<>()).add(begins);
                continue;
            }
            @Nullable Ownership tenancy = now.get(partition);
            if (tenancy == null) {
                throw new AssertionError(member + " does not have the partition of " + event);
            }
            switch (event.kind()) {
                case BATCH_RECEIVED, HANDLED -> tenancy.work.add(event);
                case RELEASED -> tenancy.released = true;
                case LOST -> tenancy.lost = true;
                case ASSIGNED -> throw new IllegalStateException();
            }
        }
    }

    /** Marks a member as killed. */
    void killed(String member) {
        killed.add(member);
    }

    /** Returns the number of assignments of all partitions. */
    int ownerships() {
        return ownerships.values().stream().mapToInt(List::size).sum();
    }

    /** Returns the partitions that a member processes at the end. */
    Set<Integer> partitionsOf(String member) {
        Set<Integer> partitions = new TreeSet<>();
        ownerships.forEach((partition, all) -> {
            for (Ownership tenancy : all) {
                boolean has = tenancy.member.equals(member) && !tenancy.released && !tenancy.lost;
                if (has && !tenancy.work.isEmpty()) {
                    partitions.add(partition);
                }
            }
        });
        return partitions;
    }

    /**
     * Returns the time at which another member first received a batch of a partition after the
     * given time.
     */
    long firstBatchOfOthers(int partition, String member, long nanos) {
        return ownerships.getOrDefault(partition, List.of()).stream()
                .filter(tenancy -> !tenancy.member.equals(member))
                .flatMapToLong(GroupHistory::batchTimes)
                .filter(when -> when > nanos)
                .min()
                .orElseThrow();
    }

    /** Returns the longest time without a new batch of a partition. */
    long maxPauseNanos(int partition, long fromNanos, long toNanos) {
        long max = 0;
        long before = fromNanos;
        long[] begun =
                ownerships.getOrDefault(partition, List.of()).stream()
                        .flatMapToLong(GroupHistory::batchTimes)
                        .sorted()
                        .toArray();
        for (long when : begun) {
            if (when > before && when < toNanos) {
                max = Math.max(max, when - before);
                before = when;
            }
        }
        return Math.max(max, toNanos - before);
    }

    /**
     * Returns the longest time between the storage of a record of a partition and its delivery.
     *
     * @param storedNanos the times at which records were stored; those within the range count
     */
    long maxWaitNanos(
            int partition, Map<PartitionAddress, Long> storedNanos, long fromNanos, long toNanos) {
        TreeMap<Long, Long> begun = new TreeMap<>();
        for (Ownership tenancy : ownerships.getOrDefault(partition, List.of())) {
            for (GroupEvent event : tenancy.work) {
                if (event.kind() == Kind.BATCH_RECEIVED) {
                    begun.merge(event.offset(), event.nanos(), Math::min);
                }
            }
        }
        return storedNanos.entrySet().stream()
                .filter(stored -> stored.getKey().partition() == partition)
                .filter(stored -> stored.getValue() > fromNanos && stored.getValue() < toNanos)
                .mapToLong(stored ->
                        Objects.requireNonNull(begun.floorEntry(stored.getKey().offset()))
                                        .getValue()
                                - stored.getValue())
                .max()
                .orElse(0);
    }

    private static LongStream batchTimes(Ownership tenancy) {
        return tenancy.work.stream()
                .filter(event -> event.kind() == Kind.BATCH_RECEIVED)
                .mapToLong(GroupEvent::nanos);
    }

    /** Returns the offset up to which a partition is handled without a gap. */
    long handledTo(int partition) {
        List<GroupEvent[]> ranges = new ArrayList<>();
        for (Ownership tenancy : ownerships.getOrDefault(partition, List.of())) {
            for (int i = 0; i + 1 < tenancy.work.size(); i += 2) {
                ranges.add(new GroupEvent[] {tenancy.work.get(i), tenancy.work.get(i + 1)});
            }
        }
        ranges.sort(Comparator.comparingLong(range -> range[0].offset()));
        long end = 0;
        for (GroupEvent[] range : ranges) {
            if (range[0].offset() > end) {
                break;
            }
            end = Math.max(end, range[1].offset());
        }
        return end;
    }

    /** Returns the first violation; empty if there is none. */
    Optional<String> violation() {
        for (var each : ownerships.entrySet()) {
            List<Ownership> atWork =
                    each.getValue().stream()
                            .filter(tenancy -> !tenancy.work.isEmpty())
                            .sorted(
                                    Comparator.comparingLong(
                                            holder -> holder.work.getFirst().nanos()))
                            .toList();
            Optional<String> wrong =
                    outOfOrder(atWork).or(() -> twoAtOnce(atWork)).or(() -> wrongStart(atWork));
            if (wrong.isPresent()) {
                return wrong.map(what -> "partition " + each.getKey() + ": " + what);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> outOfOrder(List<Ownership> atWork) {
        for (Ownership tenancy : atWork) {
            long next = tenancy.assigned.offset();
            Kind expected = Kind.BATCH_RECEIVED;
            for (GroupEvent event : tenancy.work) {
                boolean follows =
                        event.kind() == expected
                                && (event.kind() == Kind.HANDLED
                                        ? event.offset() > next
                                        : event.offset() == next);
                if (!follows) {
                    return Optional.of(
                            "%s: %s does not follow offset %d".formatted(tenancy, event, next));
                }
                next = event.offset();
                expected = expected == Kind.BATCH_RECEIVED ? Kind.HANDLED : Kind.BATCH_RECEIVED;
            }
        }
        return Optional.empty();
    }

    /**
     * A member that receives a batch after another member's first batch did not have a right to it.
     */
    private static Optional<String> twoAtOnce(List<Ownership> atWork) {
        for (int i = 0; i + 1 < atWork.size(); i++) {
            long other = atWork.get(i + 1).work.getFirst().nanos();
            for (GroupEvent event : atWork.get(i).work) {
                if (event.kind() == Kind.BATCH_RECEIVED && event.nanos() > other) {
                    return Optional.of(
                            "%s: %s is after the start of %s"
                                    .formatted(atWork.get(i), event, atWork.get(i + 1)));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> wrongStart(List<Ownership> atWork) {
        long min = 0;
        long max = 0;
        for (Ownership tenancy : atWork) {
            long start = tenancy.assigned.offset();
            if (start < min || start > max) {
                return Optional.of(
                        "%s starts at an offset that cannot be committed: not from %d to %d"
                                .formatted(tenancy, min, max));
            }
            max = Math.max(max, tenancy.end());
            min = isCommitted(tenancy) ? tenancy.end() : start;
        }
        return Optional.empty();
    }

    /** Returns whether all progress of the tenancy was committed before the next one started. */
    private boolean isCommitted(Ownership tenancy) {
        return tenancy.released && !tenancy.lost && !killed.contains(tenancy.member);
    }
}
