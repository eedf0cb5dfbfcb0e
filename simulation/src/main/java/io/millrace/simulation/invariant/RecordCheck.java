package io.millrace.simulation.invariant;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.Violations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the records that readers receive against the answers to producers. A record is a number,
 * which is sent to one partition only.
 */
public final class RecordCheck {

    /** A partition of a topic. */
    public record PartitionName(String topic, int partition) {

        private static final String KEYED = "keyed";
        private static final String RETAINED = "retained";
        private static final String MALFORMED = "malformed";

        public static String keyed(int number) {
            return KEYED + "-" + number;
        }

        /** The partition of malformed batches. */
        public static final PartitionName OF_MALFORMED = new PartitionName(MALFORMED, 0);

        public static boolean isMalformed(String topic) {
            return topic.equals(MALFORMED);
        }

        /** Returns the name of a topic with limits of time or size. */
        public static String retained(int number) {
            return RETAINED + "-" + number;
        }

        public static boolean isRetained(String topic) {
            return topic.startsWith(RETAINED);
        }

        public static boolean isKeyed(String topic) {
            return topic.startsWith(KEYED);
        }

        public static List<Topic> withoutKeys(Topics topics) {
            return topics.all().stream()
                    .filter(candidate ->
                            !isKeyed(candidate.name()) && !isMalformed(candidate.name()))
                    .toList();
        }

        public boolean isKeyed() {
            return isKeyed(topic);
        }
    }

    private record At(PartitionName place, long offset) {}

    private final EventLoop world;
    private final Trace trace;
    private final Violations violations;
    private final Map<PartitionName, List<Long>> logs = new HashMap<>();
    private final Map<Long, Long> offsets = new HashMap<>();
    private final Map<At, Long> promised = new HashMap<>();

    /** For each record that may be stored more than once, the attempts that may have stored it. */
    private final Map<Long, Integer> attempts = new HashMap<>();

    private final Map<Long, Integer> copies = new HashMap<>();
    private final Map<Long, PartitionName> sent = new HashMap<>();
    private final List<Long> acknowledged = new ArrayList<>();
    private final Set<Long> rejected = new HashSet<>();
    private final Set<Long> producerIds = new HashSet<>();
    private final Map<PartitionName, Long> trims = new HashMap<>();
    private final Map<PartitionId, Long> trimsByKey = new HashMap<>();
    private final Map<PartitionName, Long> trimmed = new HashMap<>();
    private long nextValue = 1;

    public RecordCheck(EventLoop world, Trace trace, Violations violations) {
        this.world = world;
        this.trace = trace;
        this.violations = violations;
    }

    /** Reserves numbers for a partition and returns the first. */
    public long reserveValues(PartitionName place, int count) {
        long first = nextValue;
        nextValue += count;
        for (long value = first; value < nextValue; value++) {
            sent.put(value, place);
        }
        return first;
    }

    public void producerId(long id) {
        violations.check(producerIds.add(id), "producer id %d was given twice", id);
    }

    /**
     * @param offset the offset of the first record; -1 if unknown
     */
    public void acknowledged(PartitionName place, long firstValue, int count, long offset) {
        trace.note(world.nanoTime(), "acknowledged", place.partition(), firstValue, offset);
        for (int i = 0; i < count; i++) {
            long value = firstValue + i;
            acknowledged.add(value);
            violations.check(
                    !rejected.contains(value), "record %d was rejected and acknowledged", value);
            if (offset >= 0) {
                isAt(place, value, offset + i);
            }
        }
    }

    /** Notes the rejection of records that must never be stored. */
    public void rejected(PartitionName place, long firstValue, int count) {
        trace.note(world.nanoTime(), "refused", place.partition(), firstValue, count);
        for (long value = firstValue; value < firstValue + count; value++) {
            rejected.add(value);
            violations.check(
                    !offsets.containsKey(value),
                    "record %d is at offset %d of %s, but was rejected",
                    value,
                    offsets.get(value),
                    place);
        }
    }

    /** Notes that a producer without idempotence sends records, maybe again. */
    public void attempted(long firstValue, int count) {
        for (long value = firstValue; value < firstValue + count; value++) {
            attempts.merge(value, 1, Integer::sum);
        }
    }

    /** Notes that one of the attempts has stored nothing and never will. */
    public void attemptRejected(long firstValue, int count) {
        for (long value = firstValue; value < firstValue + count; value++) {
            attempts.merge(value, -1, Integer::sum);
            checkCopies(value);
        }
    }

    private void checkCopies(long value) {
        violations.check(
                copies.getOrDefault(value, 0) <= attempts.getOrDefault(value, 0),
                "record %d is stored %d times, but only %d attempts may have stored it",
                value,
                copies.get(value),
                attempts.get(value));
    }

    private void isAt(PartitionName place, long value, long offset) {
        Long before = offsets.putIfAbsent(value, offset);
        boolean repeated = attempts.containsKey(value);
        violations.check(
                before == null || before == offset || repeated,
                "record %d of %s is at offset %d and at %d",
                value,
                place,
                before,
                offset);
        Long other = promised.putIfAbsent(new At(place, offset), value);
        if (repeated && other == null) {
            copies.merge(value, 1, Integer::sum);
            checkCopies(value);
        }
        violations.check(
                other == null || other == value,
                "offset %d of %s was acknowledged for records %d and %d",
                offset,
                place,
                other,
                value);
    }

    /**
     * @param wanted the requested offset, after the last record that the reader received
     */
    public void read(int node, PartitionName place, long wanted, long offset, long value) {
        violations.check(
                offset == wanted,
                "a reader of %s on node %d received offset %d instead of %d",
                place,
                node,
                offset,
                wanted);
        violations.check(
                place.equals(sent.get(value)),
                "%s has at offset %d a record that was not sent there: %d",
                place,
                offset,
                value);
        violations.check(
                !rejected.contains(value),
                "record %d was rejected, but is at offset %d of %s",
                value,
                offset,
                place);
        isAt(place, value, offset);
        List<Long> log = log(place);
        if (offset == log.size()) {
            trace.note(world.nanoTime(), "seen", node, offset, value);
            log.add(value);
        }
    }

    /** Notes that a record was stored in a partition that is not read without gaps. */
    void stored(PartitionName place, long offset, long value) {
        violations.check(
                place.equals(sent.get(value)) && !rejected.contains(value),
                "%s has at offset %d a record that was not sent there or was rejected: %d",
                place,
                offset,
                value);
        isAt(place, value, offset);
        trace.note(world.nanoTime(), "stored", place.partition(), offset, value);
        log(place).add(value);
    }

    public void trimming(PartitionName place, long offset) {
        trims.merge(place, offset, Math::max);
    }

    public void trimming(PartitionId key, long offset) {
        trimsByKey.merge(key, offset, Math::max);
    }

    long maxTrimmed(PartitionId key) {
        return trimsByKey.getOrDefault(key, 0L);
    }

    public void trimmed(PartitionName place, long offset) {
        trace.note(world.nanoTime(), "trimmed", place.partition(), offset, 0);
        trimmed.merge(place, offset, Math::max);
    }

    /** Checks that a reader's offset is below the log start. */
    public void outOfRange(int node, PartitionName place, long wanted, long start) {
        trace.note(world.nanoTime(), "gone", node, wanted, start);
        violations.check(
                wanted < start && start <= trims.getOrDefault(place, 0L),
                "a reader of %s on node %d at offset %d was told that the log starts at %d, but"
                        + " no trim went beyond %d",
                place,
                node,
                wanted,
                start,
                trims.getOrDefault(place, 0L));
    }

    public void checkLogStart(int node, PartitionName place, long start) {
        violations.check(
                start >= trimmed.getOrDefault(place, 0L),
                "%s starts at %d on node %d, but was trimmed to %d",
                place,
                start,
                node,
                trimmed.get(place));
    }

    public List<Long> log(PartitionName place) {
        return logs.computeIfAbsent(place, p -> new ArrayList<>());
    }

    /**
     * Checks every promise after the partitions were read to the end.
     *
     * @param deleted the topics that may be deleted
     */
    public void checkEnd(Set<String> deleted) {
        for (long value : acknowledged) {
            Long offset = offsets.get(value);
            PartitionName place = sent.get(value);
            if (place != null && deleted.contains(place.topic())) {
                continue;
            }
            violations.check(
                    offset != null && place != null && offset < log(place).size(),
                    "record %d of %s was acknowledged but is missing",
                    value,
                    place);
        }
    }

    public int acknowledgedCount() {
        return acknowledged.size();
    }

    public int rejectedCount() {
        return rejected.size();
    }
}
