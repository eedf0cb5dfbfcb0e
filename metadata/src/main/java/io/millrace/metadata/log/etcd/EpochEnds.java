package io.millrace.metadata.log.etcd;

import java.util.OptionalLong;
import java.util.TreeMap;

/** The positions of the last delivered entries of the epochs that are not archived. */
final class EpochEnds {

    private final TreeMap<Long, Long> ends = new TreeMap<>();
    private long newestEpoch;
    private long newestEntry;

    void note(long epoch, long entry) {
        if (epoch != newestEpoch && newestEntry > 0) {
            ends.put(newestEpoch, newestEntry);
        }
        newestEpoch = epoch;
        newestEntry = entry;
    }

    OptionalLong of(long epoch) {
        if (epoch == newestEpoch && newestEntry > 0) {
            return OptionalLong.of(newestEntry);
        }
        Long end = ends.get(epoch);
        return end == null ? OptionalLong.empty() : OptionalLong.of(end);
    }

    void forgetBefore(long epoch) {
        ends.headMap(epoch).clear();
    }
}
