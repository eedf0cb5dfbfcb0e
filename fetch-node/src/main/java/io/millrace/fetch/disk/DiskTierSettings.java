package io.millrace.fetch.disk;

import java.nio.file.Path;

/**
 * Settings of the disk cache.
 *
 * @param folder a folder of this process alone; other files in the folder remain
 * @param maxBytes the limit of the total file size, each file rounded up to blocks of 4 KiB
 * @param maxEntries the limit of files; each costs about 200 bytes of memory
 */
public record DiskTierSettings(String cluster, Path folder, long maxBytes, int maxEntries) {

    public DiskTierSettings {
        if (maxBytes < 1 || maxEntries < 1) {
            throw new IllegalArgumentException("disk cache: the limits must be positive");
        }
    }
}
