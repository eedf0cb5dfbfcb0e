package io.millrace.metadata.node;

/**
 * The number of a node.
 *
 * @param node the id of the node, stable across restarts
 * @param number at least 1, never the number of another node
 */
public record NodeNumber(String node, int number) {}
