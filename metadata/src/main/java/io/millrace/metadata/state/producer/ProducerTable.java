package io.millrace.metadata.state.producer;

import io.millrace.metadata.ProducersView.ProducerState;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.batch.BatchValidator;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
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

    /** Limits the time of one command. */
    private static final int MAX_EXPIRED_AT_ONCE = 50_000;

    /** The ids of a generation start at a multiple of 2 to the power of this number. */
    private static final int GENERATION_SHIFT = 40;

    private static final int NONE = ProducerRows.NONE;
    private static final int SEQUENCE_MASK = Integer.MAX_VALUE;

    private final IntSupplier minCapacity;
    private final ProducerRows rows = new ProducerRows();
    private final ProducerIndex index = new ProducerIndex(rows);
    private final PartitionRows byPartition = new PartitionRows(rows::partition);
    private long nextId;
    private long forgottenUpTo = NONE;
    private int raisedCapacity;
    private long evictions;

    /**
     * @param minCapacity the maximum number of rows before it is raised; a further row evicts the
     *     longest unchanged row
     */
    public ProducerTable(IntSupplier minCapacity) {
        this.minCapacity = minCapacity;
    }

    /** Returns the maximum number of rows. */
    public int capacity() {
        return Math.max(minCapacity.getAsInt(), raisedCapacity);
    }

    public void raiseCapacity(int rows) {
        raisedCapacity = rows;
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
        return rows.size();
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
        int row = index.find(stamp.producerId(), partition);
        if (row == NONE) {
            return mustStartAtZero(
                    stamp,
                    stamp.producerId() <= forgottenUpTo
                            ? Reason.UNKNOWN_PRODUCER
                            : Reason.OUT_OF_ORDER_SEQUENCE);
        }
        if (stamp.epoch() != rows.epoch(row)) {
            return stamp.epoch() < rows.epoch(row)
                    ? new ItemOutcome.Rejected(Reason.PRODUCER_FENCED)
                    : mustStartAtZero(stamp, Reason.OUT_OF_ORDER_SEQUENCE);
        }
        int expected = (rows.lastSequence(row, 0) + 1) & SEQUENCE_MASK;
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
        int count = rows.count(row);
        for (int age = 0; age < count; age++) {
            if (rows.firstSequence(row, age) == stamp.baseSequence()
                    && rows.lastSequence(row, age) == last) {
                return new ItemOutcome.Duplicate(
                        rows.baseOffset(row, age), rows.appendTimeMs(row, age));
            }
        }
        int afterOldest = (rows.firstSequence(row, count - 1) - last) & SEQUENCE_MASK;
        boolean endsBeforeOldest = afterOldest > 0 && afterOldest < 1 << 30;
        return count == ProducerRows.REMEMBERED_BATCHES && endsBeforeOldest
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
        int row = index.find(stamp.producerId(), partition);
        if (row == NONE) {
            if (size() >= capacity()) {
                evictions++;
                forget(rows.oldest());
            }
            row = rows.add(stamp.producerId(), partition, entry);
            index.put(row);
            byPartition.add(row);
        } else {
            rows.touch(row, entry);
        }
        if (rows.epoch(row) != stamp.epoch()) {
            rows.startEpoch(row, stamp.epoch());
        }
        int last = (stamp.baseSequence() + offsetCount - 1) & SEQUENCE_MASK;
        rows.addBatch(row, stamp.baseSequence(), last, baseOffset, appendTimeMs);
    }

    /**
     * Removes rows that have not changed after an entry, up to a maximum for each call. {@link
     * #oldestChange} tells whether some are left.
     */
    public void expire(long unchangedSince) {
        for (int i = 0; i < MAX_EXPIRED_AT_ONCE; i++) {
            int row = rows.oldest();
            if (row == NONE || rows.changedAt(row) > unchangedSince) {
                return;
            }
            forget(row);
        }
    }

    /** Returns the entry that changed the longest unchanged row; the maximum without rows. */
    public long oldestChange() {
        return rows.oldest() == NONE ? Long.MAX_VALUE : rows.changedAt(rows.oldest());
    }

    /** Removes the rows of a partition, given by serial. */
    public void removePartition(long serial) {
        int row = byPartition.first(serial);
        while (row != NONE) {
            remove(row);
            row = byPartition.first(serial);
        }
    }

    /** Returns up to {@code max} producers of a partition, given by serial. */
    public List<ProducerState> ofPartition(long serial, int max) {
        List<ProducerState> found = new ArrayList<>();
        int row = byPartition.first(serial);
        while (row != NONE && found.size() < max) {
            found.add(
                    new ProducerState(
                            rows.producer(row),
                            rows.epoch(row),
                            rows.lastSequence(row, 0),
                            rows.appendTimeMs(row, 0)));
            row = byPartition.next(row);
        }
        return found;
    }

    private void forget(int row) {
        forgottenUpTo = Math.max(forgottenUpTo, rows.producer(row));
        remove(row);
    }

    private void remove(int row) {
        index.remove(row);
        byPartition.remove(row);
        rows.remove(row);
    }

    public StateSnapshot.Part freeze() {
        long nextIdNow = nextId;
        long forgottenNow = forgottenUpTo;
        int capacityNow = raisedCapacity;
        ProducerRows.Frozen rowsNow = rows.freeze();
        return out -> {
            out.putLong(nextIdNow);
            out.putLong(forgottenNow);
            out.putInt(capacityNow);
            rowsNow.writeTo(out);
        };
    }

    public void readFrom(SnapshotReader in) {
        nextId = in.getLong();
        forgottenUpTo = in.getLong();
        raisedCapacity = in.getNumber();
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            int row = rows.add(in.getLong(), in.getLong(), in.getLong());
            index.put(row);
            byPartition.add(row);
            rows.startEpoch(row, (short) in.getInt());
            int batches = in.getNumber();
            if (batches > ProducerRows.REMEMBERED_BATCHES) {
                throw new CorruptMetadataException(
                        "a checkpoint contains %d batches of a producer in a partition"
                                .formatted(batches));
            }
            for (int j = 0; j < batches; j++) {
                rows.addBatch(row, in.getInt(), in.getInt(), in.getLong(), in.getLong());
            }
        }
    }
}
