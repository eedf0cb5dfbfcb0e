package io.millrace.ingest.sequence;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A bounded table of the gaps in sequences that this node has seen. A batch is ahead of its
 * sequence if an earlier batch is on its way through another node, or if the block of an earlier
 * batch failed. Such a gap closes when the producer sends the earlier batch again, so the producer
 * should repeat the batch. A gap that stays open is an error of the producer.
 *
 * <p>A full table drops the gap that was reported longest ago: its producer repeats for longer.
 * Owned by the ingest node's event loop.
 */
public final class SequenceGaps {

    /** The answer to a batch that is ahead of its sequence. */
    public enum GapVerdict {
        /** The producer should send the batch again. */
        REPEAT,
        /** The gap has been open for too long. */
        OUT_OF_ORDER
    }

    private record Gap(long firstNanos, long lastNanos) {}

    private final long patienceNanos;
    private final int maxGaps;
    private final LongSupplier nanoTime;
    private final Map<ProducerSequence, Gap> gaps = new LinkedHashMap<>();

    /**
     * @param patience the time from the first report of a gap for which the answer is REPEAT; a gap
     *     without a report for this time is forgotten
     * @param maxGaps the maximum number of gaps in the table
     * @param nanoTime the nanoseconds of a monotonic clock
     */
    public SequenceGaps(Duration patience, int maxGaps, LongSupplier nanoTime) {
        if (patience.isNegative() || maxGaps < 1) {
            throw new IllegalArgumentException("%s, %d gaps".formatted(patience, maxGaps));
        }
        this.patienceNanos = patience.toNanos();
        this.maxGaps = maxGaps;
        this.nanoTime = nanoTime;
    }

    /** Reports a batch that is ahead of its sequence. */
    public GapVerdict report(ProducerSequence sequence) {
        long now = nanoTime.getAsLong();
        forgetQuiet(now);
        // Removed and added again, so that the eldest gap is the one reported longest ago.
        Gap known = gaps.remove(sequence);
        long first = known == null ? now : known.firstNanos();
        if (gaps.size() >= maxGaps) {
            removeEldest();
        }
        gaps.put(sequence, new Gap(first, now));
        return now - first < patienceNanos ? GapVerdict.REPEAT : GapVerdict.OUT_OF_ORDER;
    }

    /** Called when a batch of the sequence was appended: a gap before the batch has closed. */
    public void appended(ProducerSequence sequence) {
        if (!gaps.isEmpty()) {
            gaps.remove(sequence);
        }
    }

    /** Returns whether no gap is known, so that calls of {@link #appended} can be left out. */
    public boolean isEmpty() {
        return gaps.isEmpty();
    }

    public int size() {
        return gaps.size();
    }

    private void forgetQuiet(long now) {
        Iterator<Gap> eldest = gaps.values().iterator();
        while (eldest.hasNext() && now - eldest.next().lastNanos() > patienceNanos) {
            eldest.remove();
        }
    }

    private void removeEldest() {
        Iterator<ProducerSequence> eldest = gaps.keySet().iterator();
        eldest.next();
        eldest.remove();
    }
}
