package io.millrace.cli.proof;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether all readers of a partition saw the same: the first to come to a place leaves there a
 * digest of all that it saw, and the others compare. Places are thinned out as the partition grows,
 * so that memory is bounded. Not thread-safe.
 */
public final class Agreement {

    private static final int MOST_PLACES = 512;

    private final int partition;
    private final TreeMap<Long, Long> digests = new TreeMap<>();
    private long stride = 1;

    public Agreement(int partition) {
        this.partition = partition;
    }

    /**
     * Takes in what a reader saw of all offsets before one.
     *
     * @param isEnd whether it reads no further, so that the place is kept
     * @return what is wrong; null if nothing
     */
    @Nullable Violation at(long nextOffset, long digest, boolean isEnd) {
        if (!isEnd && nextOffset % stride != 0) {
            return null;
        }
        Long others = digests.putIfAbsent(nextOffset, digest);
        if (others != null && others != digest) {
            Map.Entry<Long, Long> before = digests.lowerEntry(nextOffset);
            long from = before == null ? 0 : before.getKey();
            return Violation.of(
                    Violation.Kind.DISAGREEMENT,
                    partition,
                    from,
                    "two readers saw different records or timestamps from offset %d to %d.",
                    from,
                    nextOffset - 1);
        }
        if (digests.size() > MOST_PLACES) {
            stride *= 2;
            digests.keySet().removeIf(place -> place % stride != 0 && place != nextOffset);
        }
        return null;
    }
}
