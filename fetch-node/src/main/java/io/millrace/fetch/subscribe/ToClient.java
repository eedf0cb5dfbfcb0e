package io.millrace.fetch.subscribe;

import io.millrace.fetch.BatchRun;
import io.millrace.protocol.error.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a client is told. */
public sealed interface ToClient {

    /**
     * Another client is its instance, whose place it gets when it accepts.
     *
     * @param memberId that it will have
     */
    record Invited(String memberId) implements ToClient {}

    /**
     * It is in. What it does not need without a group is zero then.
     *
     * @param memberId empty without a group
     * @param heartbeatInterval how often it must be heard of
     * @param sessionTimeout how long its partitions are its own after it was
     */
    record Joined(String memberId, Duration heartbeatInterval, Duration sessionTimeout)
            implements ToClient {}

    /** Partitions are its own. */
    record Assigned(List<Start> partitions) implements ToClient {
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
    record Start(PartitionName partition, long position, String text) {}

    /** Partitions that it is to let go of; no batches of them follow. */
    record Revoke(List<PartitionName> partitions) implements ToClient {
        public Revoke {
            partitions = List.copyOf(partitions);
        }
    }

    /** Partitions that are its own no more. */
    record Lost(List<PartitionName> partitions) implements ToClient {
        public Lost {
            partitions = List.copyOf(partitions);
        }
    }

    /** Records. */
    record Batches(PartitionName partition, BatchRun batches, long highWatermark)
            implements ToClient {}

    /**
     * What became of a commit.
     *
     * @param problem why not all of it counts; empty if it does
     */
    record Committed(long id, Optional<Problem> problem) implements ToClient {}

    /**
     * Where a partition goes on.
     *
     * @param seeks how many seeks of the partition had come by then
     */
    record Sought(PartitionName partition, long position, int seeks) implements ToClient {}

    /**
     * A partition of which nothing comes until the client seeks.
     *
     * @param seeks how many seeks of the partition had come by then
     */
    record PartitionFailed(PartitionName partition, Problem problem, int seeks)
            implements ToClient {}

    /**
     * Its group heard of it.
     *
     * @param messages of it that had come by then, the opening included
     */
    record Alive(long messages) implements ToClient {}
}
