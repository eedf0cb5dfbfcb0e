package io.millrace.server.backup;

import io.millrace.metadata.restore.RestoreTarget;
import java.util.OptionalLong;

/**
 * The options of a restore.
 *
 * @param generation the generation of the log to restore; empty for the newest
 * @param verifiesObjects whether the bucket is listed to find missing objects
 * @param allowsMissing whether to restore although objects are missing
 * @param isDryRun whether to end before anything is written
 */
public record RestoreOptions(
        RestoreTarget target,
        OptionalLong generation,
        boolean verifiesObjects,
        boolean allowsMissing,
        boolean isDryRun) {}
