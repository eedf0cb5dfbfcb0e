package io.millrace.it;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The records that a Kafka group has processed of a topic whose values are its offsets. A member's
 * first record of an assigned partition must be the group's committed one, the others must follow
 * without gaps, and the group must not have committed beyond what was processed. Thread-safe.
 */
final class GroupProgress {

    private final String group;
    private final AtomicIntegerArray processed;
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    GroupProgress(String group, int partitions) {
        this.group = group;
        this.processed = new AtomicIntegerArray(partitions);
    }

    /** Returns the end of the processed records of each partition. */
    int[] processed() {
        int[] ends = new int[processed.length()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = processed.get(i);
        }
        return ends;
    }

    Queue<String> violations() {
        return violations;
    }

    void violation(String what) {
        violations.add(group + ": " + what);
    }

    @Override
    public String toString() {
        return "%s %s %s".formatted(group, processed, violations);
    }

    /** The records of one member. Used by one thread. */
    final class Member {

        private final Map<Integer, Long> next = new HashMap<>();

        void read(int partition, long offset, String value) {
            Long expected = next.put(partition, offset + 1);
            if (expected != null && expected != offset) {
                violation(
                        "received offset %d of partition %d instead of %d"
                                .formatted(offset, partition, expected));
            }
            if (!value.equals(Long.toString(offset))) {
                violation(
                        "offset %d of partition %d has the record %s"
                                .formatted(offset, partition, value));
            }
            int before = processed.getAndAccumulate(partition, (int) offset + 1, Math::max);
            if (offset > before) {
                violation(
                        "processed offset %d of partition %d, but none from %d on"
                                .formatted(offset, partition, before));
            }
        }

        /** Forgets a partition that the member does not have any more. */
        void drop(int partition) {
            next.remove(partition);
        }
    }
}
