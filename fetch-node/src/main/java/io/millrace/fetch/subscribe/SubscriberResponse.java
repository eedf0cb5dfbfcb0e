package io.millrace.fetch.subscribe;

import io.millrace.fetch.BatchRun;
import io.millrace.protocol.error.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a client is told. */
public sealed interface SubscriberResponse {

    /**
     * Another client is its instance, whose place it gets when it accepts.
     *
     * @param memberId that it will have
     */
    record Invited(String memberId) implements SubscriberResponse {}

    /**
     * It is in. What it does not need without a group is zero then.
     *
     * @param memberId empty without a group
     * @param heartbeatInterval how often it must be heard of
     * @param sessionTimeout how long its partitions are its own after it was
     */
    record Joined(String memberId, Duration heartbeatInterval, Duration sessionTimeout)
            implements SubscriberResponse {}

    /** Partitions are its own. */
    record Assigned(List<Start> partitions) implements SubscriberResponse {
        public Assigned {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * Where a partition begins for it.
     *
     * @param position -1 for nowhere
     * @param text that was committed beside it; empty if nothing was
     */
    record Start(NamedPartition partition, long position, String text) {}

    /** Partitions that it is to let go of; no batches of them follow. */
    record Revoke(List<NamedPartition> partitions) implements SubscriberResponse {
        public Revoke {
            partitions = List.copyOf(partitions);
        }
    }

    /** Partitions that are its own no more. */
    record Lost(List<NamedPartition> partitions) implements SubscriberResponse {
        public Lost {
            partitions = List.copyOf(partitions);
        }
    }

    /** Records. */
    record Batches(NamedPartition partition, BatchRun batches, long highWatermark)
            implements SubscriberResponse {}

    /**
     * What became of a commit.
     *
     * @param problem why not all of it counts; empty if it does
     */
    record Committed(long id, Optional<Problem> problem) implements SubscriberResponse {}

    /**
     * Where a partition goes on.
     *
     * @param seeks how many seeks of the partition had come by then
     */
    record Sought(NamedPartition partition, long position, int seeks)
            implements SubscriberResponse {}

    /**
     * A partition of which nothing comes until the client seeks.
     *
     * @param seeks how many seeks of the partition had come by then
     */
    record PartitionFailed(NamedPartition partition, Problem problem, int seeks)
            implements SubscriberResponse {}

    /**
     * Its group heard of it.
     *
     * @param messages of it that had come by then, the opening included
     */
    record Alive(long messages) implements SubscriberResponse {}
}
