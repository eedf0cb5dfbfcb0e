package io.millrace.fetch;

import io.millrace.metadata.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * How the bytes of one reply are shared among the partitions that have data: equally, and what one
 * does not need goes to the others. Where equal shares would be too small to hold a batch, those
 * asked for first get one each and the others nothing this time. Pure.
 */
final class FetchPlan {

    /** A share below this is hardly worth a read; most batches fit into it. */
    static final int MIN_SHARE_BYTES = 64 << 10;

    private FetchPlan() {}

    /** What a partition has from the wanted offset on. */
    interface Tail {

        /** The extents from the wanted offset on, until their bytes reach so many. */
        List<Extent> upTo(long maxBytes);

        /** At most so many bytes are wanted of it. */
        int maxBytes();
    }

    /**
     * A partition's part of the reply.
     *
     * @param budgetBytes at most so many bytes of batches; 0 if it has to wait for the next reply
     */
    record Share(List<ContiguousRun> stretches, int budgetBytes) {
        static final Share NOTHING = new Share(List.of(), 0);
    }

    /**
     * Shares out a reply.
     *
     * @param tails those with data, in the order of preference
     * @return one for each, in their order
     */
    static List<Share> share(List<Tail> tails, int maxBytes) {
        int served = Math.clamp(maxBytes / MIN_SHARE_BYTES, 1, Math.max(1, tails.size()));
        long equal = maxBytes / served;
        List<List<Extent>> extents = new ArrayList<>(tails.size());
        long[] has = new long[tails.size()];
        long left = maxBytes;
        int hungry = 0;
        for (int i = 0; i < tails.size(); i++) {
            long limit = Math.min(equal, tails.get(i).maxBytes());
            boolean turn = left >= Math.min(limit, MIN_SHARE_BYTES) && left > 0;
            List<Extent> found = turn ? tails.get(i).upTo(limit) : List.of();
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
                    extents.set(i, tails.get(i).upTo(limit));
                    has[i] = Math.min(bytes(extents.get(i)), limit);
                }
            }
        }
        List<Share> shares = new ArrayList<>(tails.size());
        for (int i = 0; i < tails.size(); i++) {
            shares.add(
                    has[i] == 0
                            ? Share.NOTHING
                            : new Share(ContiguousRun.of(extents.get(i)), (int) has[i]));
        }
        return shares;
    }

    /** Bytes of all of them. */
    static long bytes(List<Extent> extents) {
        long bytes = 0;
        for (Extent extent : extents) {
            bytes += extent.length();
        }
        return bytes;
    }
}
