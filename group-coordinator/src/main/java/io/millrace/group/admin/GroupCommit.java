package io.millrace.group.admin;

import io.millrace.metadata.group.CommittedOffset;

/** An offset that a client commits for a group. Immutable. */
public record GroupCommit(String topic, int partition, CommittedOffset committed) {}
