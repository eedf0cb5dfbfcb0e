package io.millrace.group.admin;

import io.millrace.metadata.group.CommittedOffset;

/**
 * An offset that a client wants to be stored for a group. Immutable.
 *
 * @param topic its name
 * @param partition its number
 * @param committed the offset
 */
public record GroupCommit(String topic, int partition, CommittedOffset committed) {}
