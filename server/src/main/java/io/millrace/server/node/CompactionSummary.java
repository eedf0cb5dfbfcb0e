package io.millrace.server.node;

/**
 * What came of looking after old data once.
 *
 * @param segments that were written
 * @param damagedObjects that could not be merged, and rows of manifests that could not be given
 *     back, as they are missing or damaged, or cannot be read while others can
 * @param undeletedObjects that nothing needs any more, and that cannot be deleted while others can
 */
public record CompactionSummary(int segments, long damagedObjects, long undeletedObjects) {}
