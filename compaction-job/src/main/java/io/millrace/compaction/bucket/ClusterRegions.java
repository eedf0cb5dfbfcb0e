package io.millrace.compaction.bucket;

import java.util.Arrays;
import java.util.Optional;

/**
 * The 256 key prefixes that contain all objects of a cluster: {@code 00/cluster/} to {@code
 * ff/cluster/}. Immutable.
 */
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
     * Returns the name after which to continue a listing with few foreign objects: the name itself
     * within a region, else the start of the next region.
     *
     * @param name last listed name; empty to begin
     * @return empty at the end of the last region
     */
    Optional<String> after(String name) {
        if (contains(name)) {
            return Optional.of(name);
        }
        int next = lastUpTo(name) + 1;
        return next < HASHES ? Optional.of(starts[next]) : Optional.empty();
    }

    /**
     * Returns the index of the last region that starts at or before a name; -1 if there is none.
     */
    private int lastUpTo(String name) {
        int found = Arrays.binarySearch(starts, name);
        return found >= 0 ? found : -found - 2;
    }
}
