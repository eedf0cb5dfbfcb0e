package io.millrace.metadata.state.producer;

import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.batch.BatchValidator;
import io.millrace.protocol.error.Reason;
import java.util.Arrays;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of idempotent producers: for each (producer, partition) the epoch and the last five
 * batches, in about 180 bytes. Expiry and a full table remove the longest unchanged row first. Also
 * allocates producer ids.
 *
 * <p>A batch in the middle of a sequence without a row is either out of order or from a forgotten
 * producer. The highest id of a forgotten row tells them apart: no row of a higher id was
 * forgotten.
 */
public final class ProducerTable {

    /** Kafka's limit of requests in flight. */
    static final int REMEMBERED_BATCHES = 5;

    /** The ids of a generation start at a multiple of 2 to the power of this number. */
    private static final int GENERATION_SHIFT = 40;

    private static final int NONE = -1;
    private static final int SEQUENCE_MASK = Integer.MAX_VALUE;

    private final IntSupplier capacity;
    private final ProducerIndex index = new ProducerIndex();
    private final PartitionRows byPartition = new PartitionRows();

    private long[] producers = new long[16];
    private long[] partitions = new long[16];
    private long[] changedAt = new long[16];
    private short[] epochs = new short[16];
    private byte[] counts = new byte[16];
    private byte[] newest = new byte[16];
    private int[] older = new int[16];
    private int[] younger = new int[16];
    private int[] firstSequences = new int[16 * REMEMBERED_BATCHES];
    private int[] lastSequences = new int[16 * REMEMBERED_BATCHES];
    private long[] baseOffsets = new long[16 * REMEMBERED_BATCHES];
    private long[] appendTimesMs = new long[16 * REMEMBERED_BATCHES];
    private int[] free = new int[16];
    private int freeCount;
    private int used;
    private long nextId;
    private long forgottenUpTo = NONE;
    private long evictions;
    private int oldest = NONE;
    private int youngest = NONE;

    /**
     * @param capacity the maximum number of rows; a further row evicts the longest unchanged row
     */
    public ProducerTable(IntSupplier capacity) {
        this.capacity = capacity;
    }

    /** Returns the next producer id; all lower ids are allocated. */
    public long nextId() {
        return nextId;
    }

    public boolean canAllocate(int count, long generation) {
        return count >= 1 && firstId(generation) <= BatchValidator.MAX_PRODUCER_ID - (count - 1L);
    }

    /** Allocates ids and returns the first. */
    public long allocate(int count, long generation) {
        long first = firstId(generation);
        nextId = first + count;
        return first;
    }

    private long firstId(long generation) {
        return Math.max(nextId, (generation - 1) << GENERATION_SHIFT);
    }

    public int size() {
        return used - freeCount;
    }

    /** Returns the number of rows that a full table removed before they expired. */
    public long evictions() {
        return evictions;
    }

    /**
     * Returns the result of a repeated or invalid batch; null if the batch must be appended and
     * remembered.
     */
    @Nullable
    public ItemOutcome validate(long partition, ProducerStamp stamp, int offsetCount) {
        int row = index.find(stamp.producerId(), partition, producers, partitions);
        if (row < 0) {
            return mustStartAtZero(
                    stamp,
                    stamp.producerId() <= forgottenUpTo
                            ? Reason.UNKNOWN_PRODUCER
                            : Reason.OUT_OF_ORDER_SEQUENCE);
        }
        if (stamp.epoch() != epochs[row]) {
            return stamp.epoch() < epochs[row]
                    ? new ItemOutcome.Rejected(Reason.PRODUCER_FENCED)
                    : mustStartAtZero(stamp, Reason.OUT_OF_ORDER_SEQUENCE);
        }
        int lastOfRow = lastSequences[row * REMEMBERED_BATCHES + newest[row]];
        int expected = (lastOfRow + 1) & SEQUENCE_MASK;
        if (stamp.baseSequence() == expected) {
            return null;
        }
        return repeatOrGap(row, stamp, offsetCount);
    }

    private static @Nullable ItemOutcome mustStartAtZero(ProducerStamp stamp, Reason otherwise) {
        // Any other sequence could leave a gap: an earlier batch may have failed.
        return stamp.baseSequence() == 0 ? null : new ItemOutcome.Rejected(otherwise);
    }

    private ItemOutcome repeatOrGap(int row, ProducerStamp stamp, int offsetCount) {
        int last = (stamp.baseSequence() + offsetCount - 1) & SEQUENCE_MASK;
        // By age, because a ring from a checkpoint may start at another index.
        for (int i = 0; i < counts[row]; i++) {
            int batch =
                    row * REMEMBERED_BATCHES + Math.floorMod(newest[row] - i, REMEMBERED_BATCHES);
            if (firstSequences[batch] == stamp.baseSequence() && lastSequences[batch] == last) {
                return new ItemOutcome.Duplicate(baseOffsets[batch], appendTimesMs[batch]);
            }
        }
        int oldestKept =
                row * REMEMBERED_BATCHES
                        + (counts[row] < REMEMBERED_BATCHES
                                ? 0
                                : (newest[row] + 1) % REMEMBERED_BATCHES);
        int afterOldest = (firstSequences[oldestKept] - last) & SEQUENCE_MASK;
        boolean endsBeforeOldest = afterOldest > 0 && afterOldest < 1 << 30;
        return counts[row] == REMEMBERED_BATCHES && endsBeforeOldest
                ? new ItemOutcome.OldDuplicate()
                : new ItemOutcome.Rejected(Reason.OUT_OF_ORDER_SEQUENCE);
    }

    public void remember(
            long partition,
            ProducerStamp stamp,
            int offsetCount,
            long baseOffset,
            long appendTimeMs,
            long entry) {
        int row = index.find(stamp.producerId(), partition, producers, partitions);
        if (row < 0) {
            // The capacity can shrink.
            while (size() > 0 && size() >= capacity.getAsInt()) {
                evictions++;
                forget(oldest);
            }
            row = addRow(stamp.producerId(), partition);
        } else {
            unlink(row);
        }
        if (epochs[row] != stamp.epoch()) {
            epochs[row] = stamp.epoch();
            counts[row] = 0;
            newest[row] = REMEMBERED_BATCHES - 1;
        }
        linkAsYoungest(row);
        changedAt[row] = entry;
        newest[row] = (byte) ((newest[row] + 1) % REMEMBERED_BATCHES);
        counts[row] = (byte) Math.min(REMEMBERED_BATCHES, counts[row] + 1);
        int batch = row * REMEMBERED_BATCHES + newest[row];
        firstSequences[batch] = stamp.baseSequence();
        lastSequences[batch] = (stamp.baseSequence() + offsetCount - 1) & SEQUENCE_MASK;
        baseOffsets[batch] = baseOffset;
        appendTimesMs[batch] = appendTimeMs;
    }

    public void expire(long unchangedSince) {
        while (oldest != NONE && changedAt[oldest] <= unchangedSince) {
            forget(oldest);
        }
    }

    /** Removes the rows of a partition, given by serial. */
    public void removePartition(long serial) {
        int row = byPartition.first(serial, partitions);
        while (row != NONE) {
            remove(row);
            row = byPartition.first(serial, partitions);
        }
    }

    private int addRow(long producer, long partition) {
        int row = freeCount > 0 ? free[--freeCount] : used++;
        if (row == producers.length) {
            grow(row + (row >> 1));
        }
        producers[row] = producer;
        partitions[row] = partition;
        epochs[row] = -1;
        counts[row] = 0;
        newest[row] = REMEMBERED_BATCHES - 1;
        index.put(row, used - freeCount, producers, partitions);
        byPartition.add(row, partitions);
        return row;
    }

    private void forget(int row) {
        forgottenUpTo = Math.max(forgottenUpTo, producers[row]);
        remove(row);
    }

    private void remove(int row) {
        unlink(row);
        index.remove(row, producers, partitions);
        byPartition.remove(row, partitions);
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = row;
    }

    private void linkAsYoungest(int row) {
        older[row] = youngest;
        younger[row] = NONE;
        if (youngest == NONE) {
            oldest = row;
        } else {
            younger[youngest] = row;
        }
        youngest = row;
    }

    private void unlink(int row) {
        if (older[row] == NONE) {
            oldest = younger[row];
        } else {
            younger[older[row]] = younger[row];
        }
        if (younger[row] == NONE) {
            youngest = older[row];
        } else {
            older[younger[row]] = older[row];
        }
    }

    private void grow(int rows) {
        producers = Arrays.copyOf(producers, rows);
        partitions = Arrays.copyOf(partitions, rows);
        changedAt = Arrays.copyOf(changedAt, rows);
        epochs = Arrays.copyOf(epochs, rows);
        counts = Arrays.copyOf(counts, rows);
        newest = Arrays.copyOf(newest, rows);
        older = Arrays.copyOf(older, rows);
        younger = Arrays.copyOf(younger, rows);
        firstSequences = Arrays.copyOf(firstSequences, rows * REMEMBERED_BATCHES);
        lastSequences = Arrays.copyOf(lastSequences, rows * REMEMBERED_BATCHES);
        baseOffsets = Arrays.copyOf(baseOffsets, rows * REMEMBERED_BATCHES);
        appendTimesMs = Arrays.copyOf(appendTimesMs, rows * REMEMBERED_BATCHES);
    }

    public StateSnapshot.Part freeze() {
        ProducerTable copy = new ProducerTable(capacity);
        copy.producers = Arrays.copyOf(producers, used);
        copy.partitions = Arrays.copyOf(partitions, used);
        copy.changedAt = Arrays.copyOf(changedAt, used);
        copy.epochs = Arrays.copyOf(epochs, used);
        copy.counts = Arrays.copyOf(counts, used);
        copy.newest = Arrays.copyOf(newest, used);
        copy.younger = Arrays.copyOf(younger, used);
        copy.firstSequences = Arrays.copyOf(firstSequences, used * REMEMBERED_BATCHES);
        copy.lastSequences = Arrays.copyOf(lastSequences, used * REMEMBERED_BATCHES);
        copy.baseOffsets = Arrays.copyOf(baseOffsets, used * REMEMBERED_BATCHES);
        copy.appendTimesMs = Arrays.copyOf(appendTimesMs, used * REMEMBERED_BATCHES);
        copy.used = used;
        copy.freeCount = freeCount;
        copy.oldest = oldest;
        copy.nextId = nextId;
        copy.forgottenUpTo = forgottenUpTo;
        return copy::writeTo;
    }

    private void writeTo(SnapshotWriter out) {
        out.putLong(nextId);
        out.putLong(forgottenUpTo);
        out.putInt(size());
        for (int row = oldest; row != NONE; row = younger[row]) {
            out.putLong(producers[row]);
            out.putLong(partitions[row]);
            out.putLong(changedAt[row]);
            out.putInt(epochs[row]);
            out.putInt(counts[row]);
            // Oldest batch first, so that a ring keeps its order.
            for (int i = counts[row] - 1; i >= 0; i--) {
                int batch =
                        row * REMEMBERED_BATCHES
                                + Math.floorMod(newest[row] - i, REMEMBERED_BATCHES);
                out.putInt(firstSequences[batch]);
                out.putInt(lastSequences[batch]);
                out.putLong(baseOffsets[batch]);
                out.putLong(appendTimesMs[batch]);
            }
        }
    }

    public void readFrom(SnapshotReader in) {
        nextId = in.getLong();
        forgottenUpTo = in.getLong();
        int rows = in.getCount();
        for (int i = 0; i < rows; i++) {
            int row = addRow(in.getLong(), in.getLong());
            linkAsYoungest(row);
            changedAt[row] = in.getLong();
            epochs[row] = (short) in.getInt();
            counts[row] = (byte) in.getInt();
            newest[row] = (byte) (counts[row] - 1);
            for (int j = 0; j < counts[row]; j++) {
                int batch = row * REMEMBERED_BATCHES + j;
                firstSequences[batch] = in.getInt();
                lastSequences[batch] = in.getInt();
                baseOffsets[batch] = in.getLong();
                appendTimesMs[batch] = in.getLong();
            }
        }
    }
}
