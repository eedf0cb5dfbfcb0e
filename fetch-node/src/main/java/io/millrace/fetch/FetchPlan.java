package io.millrace.fetch;

import io.millrace.metadata.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides the bytes of a reply into equal shares; unused parts go to the remaining partitions. If
 * equal shares are too small for a batch, only the first partitions get a share. Pure.
 */
final class FetchPlan {

    /** Smallest useful share, which fits most batches. */
    static final int MIN_SHARE_BYTES = 64 << 10;

    private FetchPlan() {}

    interface ReadableTail {

        /** Returns extents until their size reaches {@code maxBytes}. */
        List<Extent> extents(long maxBytes);

        int maxBytes();
    }

    /**
     * A partition's part of the reply. With a budget of 0, the partition waits for the next reply.
     */
    record ReplyShare(List<ContiguousRun> runs, int budgetBytes) {
        static final ReplyShare NONE = new ReplyShare(List.of(), 0);
    }

    /** Returns one share for each tail. Tails are in the order of preference. */
    static List<ReplyShare> divide(List<ReadableTail> tails, int maxBytes) {
        int served = Math.clamp(maxBytes / MIN_SHARE_BYTES, 1, Math.max(1, tails.size()));
        long equal = maxBytes / served;
        List<List<Extent>> extents = new ArrayList<>(tails.size());
        long[] has = new long[tails.size()];
        long left = maxBytes;
        int hungry = 0;
        for (int i = 0; i < tails.size(); i++) {
            long limit = Math.min(equal, tails.get(i).maxBytes());
            boolean turn = left >= Math.min(limit, MIN_SHARE_BYTES) && left > 0;
            List<Extent> found = turn ? tails.get(i).extents(limit) : List.of();
            extents.add(found);
            has[i] = Math.min(bytes(found), Math.min(limit, left));
            left -= has[i];
            if (has[i] == equal && tails.get(i).maxBytes() > equal) {
                hungry++;
            }
        }
        if (hungry > 0 && left / hungry > 0) {
            long more = equal + left / hungry;
            for (int i = 0; i < tails.size(); i++) {
                if (has[i] == equal && tails.get(i).maxBytes() > equal) {
                    long limit = Math.min(more, tails.get(i).maxBytes());
                    extents.set(i, tails.get(i).extents(limit));
                    has[i] = Math.min(bytes(extents.get(i)), limit);
                }
            }
        }
        List<ReplyShare> shares = new ArrayList<>(tails.size());
        for (int i = 0; i < tails.size(); i++) {
            shares.add(
                    has[i] == 0
                            ? ReplyShare.NONE
                            : new ReplyShare(ContiguousRun.of(extents.get(i)), (int) has[i]));
        }
        return shares;
    }

    static long bytes(List<Extent> extents) {
        long bytes = 0;
        for (Extent extent : extents) {
            bytes += extent.length();
        }
        return bytes;
    }
}
