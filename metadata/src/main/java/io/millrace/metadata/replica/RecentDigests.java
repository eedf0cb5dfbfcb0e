package io.millrace.metadata.replica;

import java.util.OptionalLong;

/** The digests after the latest entries, for comparison with other nodes. */
final class RecentDigests {

    /**
     * Exceeds the entries of an epoch, so that the digest of its end is kept until the epoch is
     * archived.
     */
    private static final int CAPACITY = 1 << 15;

    private final long[] digests = new long[CAPACITY];
    private long first = 1;
    private long last;

    /** Records the digest after the next entry, or after a first entry at any position. */
    void note(long entry, long digest) {
        if (entry != last + 1) {
            first = entry;
        }
        last = entry;
        digests[(int) (entry % CAPACITY)] = digest;
    }

    OptionalLong after(long entry) {
        return entry < first || entry > last || entry <= last - CAPACITY
                ? OptionalLong.empty()
                : OptionalLong.of(digests[(int) (entry % CAPACITY)]);
    }
}
