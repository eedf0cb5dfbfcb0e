package io.millrace.fetch.disk;

import java.nio.file.Path;

/**
 * Where a fetch node keeps chunks outside of memory.
 *
 * @param cluster the cluster's name: only its chunks are found
 * @param folder for this process alone; files in it that are no chunks stay untouched
 * @param maxBytes that the files may take, each counted as whole blocks of 4 KiB
 * @param maxEntries how many files; each costs about 200 bytes of memory
 */
public record DiskTierSettings(String cluster, Path folder, long maxBytes, int maxEntries) {

    public DiskTierSettings {
        if (maxBytes < 1 || maxEntries < 1) {
            throw new IllegalArgumentException("disk cache: its bounds must be positive");
        }
    }
}
