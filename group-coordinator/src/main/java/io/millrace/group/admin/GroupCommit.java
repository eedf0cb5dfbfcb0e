package io.millrace.group.admin;

import io.millrace.metadata.group.CommittedOffset;

/**
 * An offset that a client commits for a group. Immutable.
 *
 * @param topic the topic name
 * @param partition the partition number
 * @param committed the offset
 */
public record GroupCommit(String topic, int partition, CommittedOffset committed) {}
