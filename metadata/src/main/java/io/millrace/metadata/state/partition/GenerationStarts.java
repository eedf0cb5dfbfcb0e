package io.millrace.metadata.state.partition;

import io.millrace.metadata.GenerationEnd;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.Arrays;

/**
 * The first offsets that a partition received in the generations of the cluster after the first.
 * Empty, and shared, until a restored cluster appends to the partition. Immutable.
 *
 * <p>Bounded: beyond the limit the two oldest starts become one, at the smaller offset. A client
 * that still knows offsets of the older of these generations then reads some of them again, and
 * never misses an offset that was lost.
 */
final class GenerationStarts {

    static final GenerationStarts NONE = new GenerationStarts(new int[0], new long[0]);

    static final int MAX_STARTS = 16;

    private static final int FIRST_GENERATION = 1;

    private final int[] generations;
    private final long[] offsets;

    private GenerationStarts(int[] generations, long[] offsets) {
        this.generations = generations;
        this.offsets = offsets;
    }

    /** Returns the generation of the newest offsets. */
    int newest() {
        return generations.length == 0 ? FIRST_GENERATION : generations[generations.length - 1];
    }

    /**
     * Returns these starts and the start of a newer generation.
     *
     * @param logStartOffset the log start; starts that say nothing about later offsets are dropped
     */
    GenerationStarts with(int generation, long offset, long logStartOffset) {
        int kept = 0;
        // The last start at or below the log start still separates offsets from earlier ones.
        while (kept + 1 < generations.length && offsets[kept + 1] <= logStartOffset) {
            kept++;
        }
        int from = Math.max(kept, generations.length + 1 - MAX_STARTS);
        int[] newGenerations =
                Arrays.copyOf(
                        Arrays.copyOfRange(generations, from, generations.length),
                        generations.length - from + 1);
        long[] newOffsets =
                Arrays.copyOf(
                        Arrays.copyOfRange(offsets, from, offsets.length),
                        offsets.length - from + 1);
        newGenerations[newGenerations.length - 1] = generation;
        newOffsets[newOffsets.length - 1] = offset;
        if (from > kept) {
            newOffsets[0] = offsets[from - 1];
        }
        return new GenerationStarts(newGenerations, newOffsets);
    }

    /** Returns the generation in which an offset was, or will next be, received. */
    int generationAt(long offset) {
        int after = 0;
        while (after < offsets.length && offsets[after] <= offset) {
            after++;
        }
        return after == 0 ? FIRST_GENERATION : generations[after - 1];
    }

    /**
     * Returns the end of the offsets received up to a generation.
     *
     * @param nextOffset the end of the partition
     */
    GenerationEnd end(int generation, long nextOffset) {
        int after = 0;
        while (after < generations.length && generations[after] <= generation) {
            after++;
        }
        long end = after == generations.length ? nextOffset : offsets[after];
        if (after > 0) {
            return new GenerationEnd(generations[after - 1], end);
        }
        return new GenerationEnd(end == 0 ? generation : FIRST_GENERATION, end);
    }

    void writeTo(SnapshotWriter out) {
        out.putInt(generations.length);
        for (int i = 0; i < generations.length; i++) {
            out.putInt(generations[i]);
            out.putLong(offsets[i]);
        }
    }

    static GenerationStarts readFrom(SnapshotReader in) {
        int count = in.getNumber();
        if (count == 0) {
            return NONE;
        }
        if (count > MAX_STARTS) {
            throw new CorruptMetadataException(
                    "a checkpoint contains %d generations of a partition".formatted(count));
        }
        int[] generations = new int[count];
        long[] offsets = new long[count];
        for (int i = 0; i < count; i++) {
            generations[i] = in.getInt();
            offsets[i] = in.getLong();
            if (generations[i] > Entry.MAX_GENERATION) {
                throw new CorruptMetadataException(
                        "a checkpoint contains the generation " + generations[i]);
            }
        }
        return new GenerationStarts(generations, offsets);
    }
}
