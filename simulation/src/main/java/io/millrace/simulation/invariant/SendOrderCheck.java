package io.millrace.simulation.invariant;

import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.Violations;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Checks that the records of an idempotent producer are in a partition in the order of sending.
 * Records are numbers that rise in this order.
 */
public final class SendOrderCheck {

    private final RecordCheck records;
    private final Violations violations;
    private final Map<Long, Long> senders = new HashMap<>();
    private final Set<Long> late = new HashSet<>();
    private long lastSender;

    public SendOrderCheck(RecordCheck records, Violations violations) {
        this.records = records;
        this.violations = violations;
    }

    /** Returns the number of a producer in one partition. */
    public long newSender() {
        return ++lastSender;
    }

    public void sent(long sender, long firstValue, int count) {
        for (long value = firstValue; value < firstValue + count; value++) {
            senders.put(value, sender);
        }
    }

    /**
     * Notes that a producer gave a batch up and continues under another id, which fences nothing: a
     * copy of the batch that is still in flight may be stored after later records.
     */
    public void mayBeLate(long firstValue, int count) {
        for (long value = firstValue; value < firstValue + count; value++) {
            late.add(value);
        }
    }

    /** Checks the order after the partitions were read to the end. */
    public void checkEnd(Collection<PartitionName> places) {
        for (PartitionName place : places) {
            Map<Long, Long> newest = new HashMap<>();
            for (long value : records.log(place)) {
                Long sender = senders.get(value);
                if (sender == null || late.contains(value)) {
                    continue;
                }
                Long before = newest.put(sender, value);
                violations.check(
                        before == null || before < value,
                        "record %d of %s is stored after %d of the same producer",
                        value,
                        place,
                        before);
            }
        }
    }
}
