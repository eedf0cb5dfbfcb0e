package io.millrace.fetch.subscribe;

import io.millrace.fetch.BatchRun;
import io.millrace.protocol.error.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A message to a client. */
public sealed interface SubscriberResponse {

    /**
     * Invites the client to replace another client with the same instance id. The replacement
     * happens when the client accepts.
     *
     * @param memberId the member id that the client will have
     */
    record Invited(String memberId) implements SubscriberResponse {}

    /**
     * Confirms that the client has joined. Without a group, the fields are empty or zero.
     *
     * @param memberId the member id; empty without a group
     * @param heartbeatInterval the maximum time between heartbeats
     * @param sessionTimeout the time after the last heartbeat until partitions are revoked
     */
    record Joined(String memberId, Duration heartbeatInterval, Duration sessionTimeout)
            implements SubscriberResponse {}

    /** Assigns partitions to the client. */
    record Assigned(List<AssignedStart> partitions) implements SubscriberResponse {
        public Assigned {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * The start position of an assigned partition.
     *
     * @param position the offset of the first record; -1 if there is no position
     * @param text the metadata text committed with the offset; empty if there is none
     */
    record AssignedStart(NamedPartition partition, long position, String text) {}

    /** Requests the release of partitions. No batches of the partitions follow. */
    record Revoke(List<NamedPartition> partitions) implements SubscriberResponse {
        public Revoke {
            partitions = List.copyOf(partitions);
        }
    }

    /** Reports partitions that are no longer assigned to the client. */
    record Lost(List<NamedPartition> partitions) implements SubscriberResponse {
        public Lost {
            partitions = List.copyOf(partitions);
        }
    }

    /** Batches of a partition. */
    record Batches(NamedPartition partition, BatchRun batches, long highWatermark)
            implements SubscriberResponse {}

    /**
     * The result of a commit.
     *
     * @param problem the reason why not all offsets were committed; empty on success
     */
    record Committed(long id, Optional<Problem> problem) implements SubscriberResponse {}

    /**
     * Reports the new position of a partition.
     *
     * @param position the offset of the next record
     * @param seeks the number of the client's seeks of the partition received before
     */
    record PositionMoved(NamedPartition partition, long position, int seeks)
            implements SubscriberResponse {}

    /**
     * Reports that a partition cannot be read until the client seeks.
     *
     * @param seeks the number of the client's seeks of the partition received before
     */
    record PartitionFailed(NamedPartition partition, Problem problem, int seeks)
            implements SubscriberResponse {}

    /**
     * Acknowledges that the group has received the client's messages.
     *
     * @param messages the number of messages received before, including the opening
     */
    record HeartbeatAck(long messages) implements SubscriberResponse {}
}
