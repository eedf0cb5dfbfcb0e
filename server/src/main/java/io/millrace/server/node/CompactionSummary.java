package io.millrace.server.node;

/**
 * Result of running the compaction jobs once.
 *
 * @param segments the number of segments written
 * @param damagedObjects the number of inputs left out because they are missing, damaged or
 *     unreadable while the bucket as a whole is readable: objects that were not merged, and
 *     offloaded ranges that were not reloaded
 * @param undeletedObjects the number of unreferenced objects whose deletion failed while other
 *     deletions succeeded
 */
public record CompactionSummary(int segments, long damagedObjects, long undeletedObjects) {}
