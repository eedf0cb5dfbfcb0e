package io.millrace.metadata.state.producer;

import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.Arrays;

/**
 * Rows of (producer, partition) pairs in pages, linked by the order of their last change. A row has
 * the epoch and the last five batches of the pair, in about 160 bytes.
 *
 * <p>A snapshot shares the pages, and a shared page is copied before its next change. So neither a
 * snapshot nor growth copies all rows at once.
 */
final class ProducerRows {

    static final int NONE = -1;

    /** Kafka's limit of requests in flight. */
    static final int REMEMBERED_BATCHES = 5;

    private static final int PAGE_SHIFT = 8;
    private static final int PAGE_ROWS = 1 << PAGE_SHIFT;
    private static final int PAGE_MASK = PAGE_ROWS - 1;

    /**
     * The columns of some rows.
     *
     * @param version the version of the rows that may change this page
     * @param younger the next row by change; of an unused row the next unused row
     */
    private record Page(
            long version,
            long[] producers,
            long[] partitions,
            long[] changedAt,
            short[] epochs,
            byte[] counts,
            byte[] newest,
            int[] older,
            int[] younger,
            int[] firstSequences,
            int[] lastSequences,
            long[] baseOffsets,
            long[] appendTimesMs) {

        static Page empty(long version) {
            return new Page(
                    version,
                    new long[PAGE_ROWS],
                    new long[PAGE_ROWS],
                    new long[PAGE_ROWS],
                    new short[PAGE_ROWS],
                    new byte[PAGE_ROWS],
                    new byte[PAGE_ROWS],
                    new int[PAGE_ROWS],
                    new int[PAGE_ROWS],
                    new int[PAGE_ROWS * REMEMBERED_BATCHES],
                    new int[PAGE_ROWS * REMEMBERED_BATCHES],
                    new long[PAGE_ROWS * REMEMBERED_BATCHES],
                    new long[PAGE_ROWS * REMEMBERED_BATCHES]);
        }

        Page copy(long newVersion) {
            return new Page(
                    newVersion,
                    producers.clone(),
                    partitions.clone(),
                    changedAt.clone(),
                    epochs.clone(),
                    counts.clone(),
                    newest.clone(),
                    older.clone(),
                    younger.clone(),
                    firstSequences.clone(),
                    lastSequences.clone(),
                    baseOffsets.clone(),
                    appendTimesMs.clone());
        }

        /** Returns the index of a batch by its age, 0 for the newest. */
        int batch(int at, int age) {
            return at * REMEMBERED_BATCHES + Math.floorMod(newest[at] - age, REMEMBERED_BATCHES);
        }
    }

    private Page[] pages = new Page[4];
    private long version;
    private int used;
    private int size;
    private int firstUnused = NONE;
    private int oldest = NONE;
    private int youngest = NONE;

    int size() {
        return size;
    }

    /** Returns the row that is unchanged for longest; {@link #NONE} without rows. */
    int oldest() {
        return oldest;
    }

    long producer(int row) {
        return page(row).producers[row & PAGE_MASK];
    }

    long partition(int row) {
        return page(row).partitions[row & PAGE_MASK];
    }

    long changedAt(int row) {
        return page(row).changedAt[row & PAGE_MASK];
    }

    short epoch(int row) {
        return page(row).epochs[row & PAGE_MASK];
    }

    /** Returns the number of remembered batches. */
    int count(int row) {
        return page(row).counts[row & PAGE_MASK];
    }

    int firstSequence(int row, int age) {
        Page page = page(row);
        return page.firstSequences[page.batch(row & PAGE_MASK, age)];
    }

    int lastSequence(int row, int age) {
        Page page = page(row);
        return page.lastSequences[page.batch(row & PAGE_MASK, age)];
    }

    long baseOffset(int row, int age) {
        Page page = page(row);
        return page.baseOffsets[page.batch(row & PAGE_MASK, age)];
    }

    long appendTimeMs(int row, int age) {
        Page page = page(row);
        return page.appendTimesMs[page.batch(row & PAGE_MASK, age)];
    }

    private Page page(int row) {
        return pages[row >> PAGE_SHIFT];
    }

    /** Returns the page for a change, as a copy if a snapshot shares it. */
    private Page changing(int row) {
        Page page = page(row);
        if (page.version != version) {
            page = page.copy(version);
            pages[row >> PAGE_SHIFT] = page;
        }
        return page;
    }

    /** Adds a row without batches and without an epoch as the youngest. */
    int add(long producer, long partition, long entry) {
        int row = unusedRow();
        Page page = changing(row);
        int at = row & PAGE_MASK;
        page.producers[at] = producer;
        page.partitions[at] = partition;
        page.changedAt[at] = entry;
        startEpoch(row, (short) NONE);
        size++;
        linkAsYoungest(row);
        return row;
    }

    private int unusedRow() {
        if (firstUnused != NONE) {
            int row = firstUnused;
            firstUnused = page(row).younger[row & PAGE_MASK];
            return row;
        }
        int index = used >> PAGE_SHIFT;
        if ((used & PAGE_MASK) == 0) {
            if (index == pages.length) {
                pages = Arrays.copyOf(pages, index * 2);
            }
            pages[index] = Page.empty(version);
        }
        return used++;
    }

    void remove(int row) {
        unlink(row);
        Page page = changing(row);
        page.younger[row & PAGE_MASK] = firstUnused;
        firstUnused = row;
        size--;
    }

    /** Makes a row the youngest. */
    void touch(int row, long entry) {
        unlink(row);
        linkAsYoungest(row);
        changing(row).changedAt[row & PAGE_MASK] = entry;
    }

    /** Sets the epoch and forgets the batches of earlier epochs. */
    void startEpoch(int row, short epoch) {
        Page page = changing(row);
        int at = row & PAGE_MASK;
        page.epochs[at] = epoch;
        page.counts[at] = 0;
        page.newest[at] = REMEMBERED_BATCHES - 1;
    }

    /** Adds the newest batch, in place of the oldest if all are in use. */
    void addBatch(
            int row, int firstSequence, int lastSequence, long baseOffset, long appendTimeMs) {
        Page page = changing(row);
        int at = row & PAGE_MASK;
        page.newest[at] = (byte) ((page.newest[at] + 1) % REMEMBERED_BATCHES);
        page.counts[at] = (byte) Math.min(REMEMBERED_BATCHES, page.counts[at] + 1);
        int batch = page.batch(at, 0);
        page.firstSequences[batch] = firstSequence;
        page.lastSequences[batch] = lastSequence;
        page.baseOffsets[batch] = baseOffset;
        page.appendTimesMs[batch] = appendTimeMs;
    }

    private void linkAsYoungest(int row) {
        Page page = changing(row);
        page.older[row & PAGE_MASK] = youngest;
        page.younger[row & PAGE_MASK] = NONE;
        if (youngest == NONE) {
            oldest = row;
        } else {
            changing(youngest).younger[youngest & PAGE_MASK] = row;
        }
        youngest = row;
    }

    private void unlink(int row) {
        int before = page(row).older[row & PAGE_MASK];
        int after = page(row).younger[row & PAGE_MASK];
        if (before == NONE) {
            oldest = after;
        } else {
            changing(before).younger[before & PAGE_MASK] = after;
        }
        if (after == NONE) {
            youngest = before;
        } else {
            changing(after).older[after & PAGE_MASK] = before;
        }
    }

    /** Returns a view that later changes do not affect. */
    Frozen freeze() {
        version++;
        return new Frozen(Arrays.copyOf(pages, pages.length), oldest, size);
    }

    /** The rows at one time. Any thread. */
    static final class Frozen {

        private final Page[] pages;
        private final int oldest;
        private final int size;

        private Frozen(Page[] pages, int oldest, int size) {
            this.pages = pages;
            this.oldest = oldest;
            this.size = size;
        }

        /** Writes the rows, oldest first. */
        void writeTo(SnapshotWriter out) {
            out.putInt(size);
            for (int row = oldest; row != NONE; ) {
                Page page = pages[row >> PAGE_SHIFT];
                write(page, row & PAGE_MASK, out);
                row = page.younger[row & PAGE_MASK];
            }
        }

        private static void write(Page page, int at, SnapshotWriter out) {
            out.putLong(page.producers[at]);
            out.putLong(page.partitions[at]);
            out.putLong(page.changedAt[at]);
            out.putInt(page.epochs[at]);
            out.putInt(page.counts[at]);
            // Oldest batch first, so that a ring keeps its order.
            for (int age = page.counts[at] - 1; age >= 0; age--) {
                int batch = page.batch(at, age);
                out.putInt(page.firstSequences[batch]);
                out.putInt(page.lastSequences[batch]);
                out.putLong(page.baseOffsets[batch]);
                out.putLong(page.appendTimesMs[batch]);
            }
        }
    }
}
