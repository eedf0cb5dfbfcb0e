package io.millrace.runtime.disk;

import java.util.random.RandomGenerator;

/** What a name on a {@link CrashingDisk} may stand for. Owned by the disk's monitor. */
sealed interface DiskNode permits DiskFolder, DiskContent {

    /** What a crash leaves of it: durable, and sharing nothing with this one. */
    DiskNode afterCrash(RandomGenerator random);

    /** Bytes of content. */
    long sizeBytes();
}
