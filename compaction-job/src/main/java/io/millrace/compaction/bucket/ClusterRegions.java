package io.millrace.compaction.bucket;

import java.util.Arrays;
import java.util.Optional;

/** The 256 key prefixes of a cluster: {@code 00/cluster/} to {@code ff/cluster/}. Immutable. */
final class ClusterRegions {

    private static final int HASHES = 256;

    private final String[] starts = new String[HASHES];

    ClusterRegions(String cluster) {
        for (int hash = 0; hash < HASHES; hash++) {
            starts[hash] = "%02x/%s/".formatted(hash, cluster);
        }
    }

    boolean contains(String name) {
        int stretch = lastUpTo(name);
        return stretch >= 0 && name.startsWith(starts[stretch]);
    }

    /**
     * Returns the name after which to continue a listing: the name itself within a region, else the
     * start of the next region. Empty after the last region.
     */
    Optional<String> after(String name) {
        if (contains(name)) {
            return Optional.of(name);
        }
        int next = lastUpTo(name) + 1;
        return next < HASHES ? Optional.of(starts[next]) : Optional.empty();
    }

    /** Returns -1 if no region starts at or before the name. */
    private int lastUpTo(String name) {
        int found = Arrays.binarySearch(starts, name);
        return found >= 0 ? found : -found - 2;
    }
}
