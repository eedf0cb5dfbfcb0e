package io.millrace.metadata.replica;

/**
 * The rule for raises of the feature level. With either rule, a cluster with an empty log begins at
 * the newest level of its first nodes.
 */
public enum LevelPolicy {
    /** The leading node raises the level as soon as all nodes support a higher one. */
    AUTOMATIC,
    /** The level is raised by an operator, so that a rollback to the older version is possible. */
    ON_REQUEST
}
