package io.millrace.server.node;

/**
 * The result of running the compaction jobs once.
 *
 * @param segments the number of segments written
 * @param damagedObjects the number of missing, damaged or unreadable inputs in a readable bucket:
 *     objects not merged, and offloaded ranges not reloaded
 * @param undeletedObjects the number of unreferenced objects whose deletion failed while other
 *     deletions succeeded
 */
public record CompactionSummary(int segments, long damagedObjects, long undeletedObjects) {}
