package io.millrace.compaction.bucket;

import java.util.Arrays;
import java.util.Optional;

/**
 * The stretches of a bucket in which all objects of a cluster lie: the names that begin with {@code
 * 00/cluster/} to {@code ff/cluster/}. Immutable.
 */
final class ClusterRegions {

    private static final int HASHES = 256;

    private final String[] starts = new String[HASHES];

    ClusterRegions(String cluster) {
        for (int hash = 0; hash < HASHES; hash++) {
            starts[hash] = "%02x/%s/".formatted(hash, cluster);
        }
    }

    /** Whether a name lies in one of them. */
    boolean contains(String name) {
        int stretch = lastUpTo(name);
        return stretch >= 0 && name.startsWith(starts[stretch]);
    }

    /**
     * Where to go on listing so that little else is listed: at once behind a name that lies in one
     * of the stretches, else at the start of the next one.
     *
     * @param name the last that was seen; empty to begin
     * @return behind which to go on; empty if there is nothing more
     */
    Optional<String> after(String name) {
        if (contains(name)) {
            return Optional.of(name);
        }
        int next = lastUpTo(name) + 1;
        return next < HASHES ? Optional.of(starts[next]) : Optional.empty();
    }

    /** The last stretch that does not begin behind a name; -1 if all do. */
    private int lastUpTo(String name) {
        int found = Arrays.binarySearch(starts, name);
        return found >= 0 ? found : -found - 2;
    }
}
