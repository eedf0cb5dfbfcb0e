package io.millrace.runtime.disk;

import java.util.random.RandomGenerator;

/** A file or folder on a {@link CrashingDisk}. Owned by the disk's monitor. */
sealed interface DiskNode permits DiskFolder, DiskContent {

    /** Returns a durable copy that represents the state after a crash. */
    DiskNode afterCrash(RandomGenerator random);

    /** Returns the size of the content. */
    long sizeBytes();
}
