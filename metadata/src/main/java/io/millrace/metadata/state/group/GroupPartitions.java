package io.millrace.metadata.state.group;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Leases and committed offsets of one group in one topic, in pages of {@value #PAGE_SIZE}
 * partitions. A page exists while a row is in use, so memory depends only on the content. A page
 * shared with a snapshot is copied before a change.
 */
final class GroupPartitions {

    static final int PAGE_SIZE = 16;

    private static final long NO_OFFSET = -1;
    private static final int NONE = -1;
    private static final long UNNUMBERED = Command.OffsetsCommitted.UNNUMBERED;

    private static final class Page {
        final long[] offsets = new long[PAGE_SIZE];
        final int[] leaderEpochs = new int[PAGE_SIZE];
        final int[] generations = new int[PAGE_SIZE];
        final @Nullable MemberSlot[] holders = new MemberSlot[PAGE_SIZE];
        final int version;
        String @Nullable [] texts;
        long @Nullable [] numbers;
        int used;

        Page(int version) {
            this.version = version;
            Arrays.fill(offsets, NO_OFFSET);
        }

        Page copy(int newVersion) {
            Page copy = new Page(newVersion);
            System.arraycopy(offsets, 0, copy.offsets, 0, PAGE_SIZE);
            System.arraycopy(leaderEpochs, 0, copy.leaderEpochs, 0, PAGE_SIZE);
            System.arraycopy(generations, 0, copy.generations, 0, PAGE_SIZE);
            System.arraycopy(holders, 0, copy.holders, 0, PAGE_SIZE);
            copy.texts = texts == null ? null : texts.clone();
            copy.numbers = numbers == null ? null : numbers.clone();
            copy.used = used;
            return copy;
        }

        boolean isUsed(int row) {
            return offsets[row] != NO_OFFSET || holders[row] != null;
        }

        String text(int row) {
            return texts == null ? "" : texts[row];
        }

        void setText(int row, String text) {
            if (texts == null && !text.isEmpty()) {
                texts = new String[PAGE_SIZE];
                Arrays.fill(texts, "");
            }
            if (texts != null && !texts[row].equals(text)) {
                texts[row] = text;
            }
        }

        long number(int row) {
            return numbers == null ? UNNUMBERED : numbers[row];
        }

        void setNumber(int row, long number) {
            if (numbers == null && number != UNNUMBERED) {
                numbers = new long[PAGE_SIZE];
                Arrays.fill(numbers, UNNUMBERED);
            }
            if (numbers != null) {
                numbers[row] = number;
            }
        }
    }

    private final GroupTotals totals;
    private @Nullable Page[] pages = new Page[0];
    private int pageCount;
    // Pages of earlier versions are shared with snapshots.
    private int version;

    GroupPartitions(GroupTotals totals) {
        this.totals = totals;
    }

    private @Nullable Page page(int partition) {
        int number = partition / PAGE_SIZE;
        return number < pages.length ? pages[number] : null;
    }

    private Page pageToWrite(int partition) {
        int number = partition / PAGE_SIZE;
        if (number >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length + (pages.length >> 1)));
        }
        Page page = pages[number];
        if (page == null) {
            page = new Page(version);
            pages[number] = page;
            pageCount++;
            totals.pages++;
        } else if (page.version != version) {
            page = page.copy(version);
            pages[number] = page;
        }
        return page;
    }

    boolean hasPage(int partition) {
        return page(partition) != null;
    }

    boolean isEmpty() {
        return pageCount == 0;
    }

    int textChars(int partition) {
        Page page = page(partition);
        return page == null ? 0 : page.text(partition % PAGE_SIZE).length();
    }

    @Nullable MemberSlot holder(int partition) {
        Page page = page(partition);
        return page == null ? null : page.holders[partition % PAGE_SIZE];
    }

    /** Only for a leased partition. */
    int generation(int partition) {
        Page page = page(partition);
        return page == null ? 0 : page.generations[partition % PAGE_SIZE];
    }

    @Nullable CommittedOffset committed(int partition) {
        Page page = page(partition);
        int row = partition % PAGE_SIZE;
        return page == null || page.offsets[row] == NO_OFFSET
                ? null
                : new CommittedOffset(page.offsets[row], page.leaderEpochs[row], page.text(row));
    }

    /** Returns the highest commit number under the current lease. */
    long number(int partition) {
        Page page = page(partition);
        return page == null ? UNNUMBERED : page.number(partition % PAGE_SIZE);
    }

    void lease(int partition, MemberSlot holder, int generation) {
        Page page = pageToWrite(partition);
        int row = partition % PAGE_SIZE;
        page.used += page.isUsed(row) ? 0 : 1;
        page.holders[row] = holder;
        page.generations[row] = generation;
        page.setNumber(row, UNNUMBERED);
    }

    /** Revokes a lease. The committed offset stays. */
    void revoke(int partition) {
        int row = partition % PAGE_SIZE;
        if (holder(partition) != null) {
            Page page = pageToWrite(partition);
            page.holders[row] = null;
            page.generations[row] = 0;
            page.setNumber(row, UNNUMBERED);
            freeIfUnused(page, partition);
        }
    }

    /** Deletes a committed offset. A lease stays. */
    void deleteOffset(int partition) {
        int row = partition % PAGE_SIZE;
        if (committed(partition) != null) {
            Page page = pageToWrite(partition);
            totals.bytes -= page.text(row).length();
            page.offsets[row] = NO_OFFSET;
            page.leaderEpochs[row] = 0;
            page.setText(row, "");
            page.setNumber(row, UNNUMBERED);
            freeIfUnused(page, partition);
        }
    }

    /** Counts a row out, after the removal of its lease or offset. */
    private void freeIfUnused(Page page, int partition) {
        page.used -= page.isUsed(partition % PAGE_SIZE) ? 0 : 1;
        if (page.used == 0) {
            pages[partition / PAGE_SIZE] = null;
            pageCount--;
            totals.pages--;
        }
    }

    void revokeLeft() {
        for (int partition : used()) {
            MemberSlot holder = holder(partition);
            if (holder != null && holder.left) {
                revoke(partition);
            }
        }
    }

    /** Subtracts the content from the totals, as the last call. */
    void subtractFromTotals() {
        totals.pages -= pageCount;
        for (int partition : used()) {
            totals.bytes -= textChars(partition);
        }
    }

    /**
     * Stores an accepted offset.
     *
     * @param number an unnumbered commit leaves the stored number unchanged
     */
    void commit(int partition, CommittedOffset committed, long number) {
        Page page = pageToWrite(partition);
        int row = partition % PAGE_SIZE;
        page.used += page.isUsed(row) ? 0 : 1;
        totals.bytes += committed.text().length() - page.text(row).length();
        page.offsets[row] = committed.offset();
        page.leaderEpochs[row] = committed.leaderEpoch();
        page.setText(row, committed.text());
        if (number != UNNUMBERED) {
            page.setNumber(row, number);
        }
    }

    /** Returns the partitions with a lease or a committed offset, in order. */
    List<Integer> used() {
        List<Integer> used = new ArrayList<>();
        for (int number = 0; number < pages.length; number++) {
            Page page = pages[number];
            for (int row = 0; page != null && row < PAGE_SIZE; row++) {
                if (page.isUsed(row)) {
                    used.add(number * PAGE_SIZE + row);
                }
            }
        }
        return used;
    }

    GroupPartitions freeze() {
        GroupPartitions frozen = new GroupPartitions(new GroupTotals());
        frozen.pages = pages.clone();
        version++;
        return frozen;
    }

    /**
     * @param members the numbers under which the members were written
     */
    void writeTo(SnapshotWriter out, Map<MemberSlot, Integer> members) {
        List<Integer> used = used();
        out.putInt(used.size());
        for (int partition : used) {
            out.putInt(partition);
            MemberSlot holder = holder(partition);
            out.putInt(holder == null ? NONE : members.getOrDefault(holder, NONE));
            out.putInt(generation(partition));
            CommittedOffset committed = committed(partition);
            out.putLong(committed == null ? NO_OFFSET : committed.offset());
            if (committed != null) {
                out.putInt(committed.leaderEpoch());
                out.putString(committed.text());
                out.putLong(number(partition));
            }
        }
    }

    void readFrom(SnapshotReader in, List<MemberSlot> seats) {
        int used = in.getCount();
        for (int i = 0; i < used; i++) {
            int partition = in.getNumber();
            int holder = in.getInt();
            int generation = in.getInt();
            if (holder != NONE) {
                lease(partition, seats.get(holder), generation);
            }
            long offset = in.getLong();
            if (offset != NO_OFFSET) {
                CommittedOffset committed =
                        new CommittedOffset(offset, in.getInt(), in.getString());
                commit(partition, committed, in.getLong());
            }
        }
    }
}
