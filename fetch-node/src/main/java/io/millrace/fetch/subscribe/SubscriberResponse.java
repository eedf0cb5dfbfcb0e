package io.millrace.fetch.subscribe;

import io.millrace.fetch.BatchRun;
import io.millrace.protocol.error.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A message to a client. */
public sealed interface SubscriberResponse {

    /** Invites the client to replace the client with the same instance id, on acceptance. */
    record Invited(String memberId) implements SubscriberResponse {}

    /**
     * Confirms that the client has joined. Without a group, the fields are empty or zero.
     *
     * @param sessionTimeout the time after the last heartbeat until partitions are revoked
     */
    record Joined(String memberId, Duration heartbeatInterval, Duration sessionTimeout)
            implements SubscriberResponse {}

    /** Assigns partitions. */
    record Assigned(List<AssignedStart> partitions) implements SubscriberResponse {
        public Assigned {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * The start position of an assigned partition.
     *
     * @param topicId the id of the topic, which tells topics of the same name apart
     * @param position the offset of the first record, or -1
     * @param text the committed metadata text, or empty
     */
    record AssignedStart(TopicPartition partition, long topicId, long position, String text) {}

    /** Requests the release of partitions. No batches of the partitions follow. */
    record Revoke(List<TopicPartition> partitions) implements SubscriberResponse {
        public Revoke {
            partitions = List.copyOf(partitions);
        }
    }

    /** Reports partitions that are no longer assigned. */
    record Lost(List<TopicPartition> partitions) implements SubscriberResponse {
        public Lost {
            partitions = List.copyOf(partitions);
        }
    }

    /** Batches of a partition. */
    record Batches(TopicPartition partition, BatchRun batches, long highWatermark)
            implements SubscriberResponse {}

    /**
     * The result of a commit.
     *
     * @param problem the reason why not all offsets were committed
     */
    record Committed(long id, Optional<Problem> problem) implements SubscriberResponse {}

    /**
     * Reports a new position.
     *
     * @param seeks the number of earlier seeks of the client in the partition
     */
    record PositionMoved(TopicPartition partition, long position, int seeks)
            implements SubscriberResponse {}

    /** Reports a partition that cannot be read until the client seeks. */
    record PartitionFailed(TopicPartition partition, Problem problem, int seeks)
            implements SubscriberResponse {}

    /** Acknowledges the messages that the group has received, including the opening. */
    record HeartbeatAck(long messages) implements SubscriberResponse {}
}
