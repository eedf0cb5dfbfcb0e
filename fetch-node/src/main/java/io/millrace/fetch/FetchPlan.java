package io.millrace.fetch;

import io.millrace.metadata.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides the bytes of one reply among the partitions with data. Shares are equal, and unused parts
 * go to the remaining partitions. If equal shares would be too small for a batch, the first
 * partitions of the query get a share each and the rest none. Pure.
 */
final class FetchPlan {

    /** The smallest useful share; most batches fit. */
    static final int MIN_SHARE_BYTES = 64 << 10;

    private FetchPlan() {}

    /** The data of a partition from the wanted offset on. */
    interface ReadableTail {

        /**
         * Returns the extents from the wanted offset on, until their size reaches {@code maxBytes}.
         */
        List<Extent> extents(long maxBytes);

        int maxBytes();
    }

    /**
     * A partition's part of the reply.
     *
     * @param budgetBytes the maximum number of bytes of batches; 0 if the partition waits for the
     *     next reply
     */
    record ReplyShare(List<ContiguousRun> runs, int budgetBytes) {
        static final ReplyShare NONE = new ReplyShare(List.of(), 0);
    }

    /**
     * Divides a reply.
     *
     * @param tails the partitions with data, in the order of preference
     * @return one share for each partition, in their order
     */
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
