package io.millrace.metadata.replica;

import java.util.OptionalLong;

/** The digests after the latest entries, to be compared with those of other nodes. */
final class RecentDigests {

    /** More than the entries of an epoch, so that its end is still known when it is archived. */
    private static final int REMEMBERED = 1 << 15;

    private final long[] digests = new long[REMEMBERED];
    private long first = 1;
    private long last;

    /** Notes the digest after the next entry, or after a first one wherever it is. */
    void note(long entry, long digest) {
        if (entry != last + 1) {
            first = entry;
        }
        last = entry;
        digests[(int) (entry % REMEMBERED)] = digest;
    }

    OptionalLong after(long entry) {
        return entry < first || entry > last || entry <= last - REMEMBERED
                ? OptionalLong.empty()
                : OptionalLong.of(digests[(int) (entry % REMEMBERED)]);
    }
}
