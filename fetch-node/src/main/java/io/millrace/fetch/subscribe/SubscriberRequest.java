package io.millrace.fetch.subscribe;

import io.millrace.metadata.command.Command;
import java.util.List;

/** A request of a client on an open stream. */
public sealed interface SubscriberRequest {

    /**
     * Adds to the client's credit.
     *
     * @param bytes the number of bytes to add, not negative
     * @param records the number of records to add, not negative
     */
    record Credit(long bytes, long records) implements SubscriberRequest {}

    /** Shows that the client is alive. */
    record Heartbeat() implements SubscriberRequest {}

    /**
     * Accepts an invitation.
     *
     * @param memberId the member id in the invitation
     */
    record Accept(String memberId) implements SubscriberRequest {}

    /**
     * Commits offsets.
     *
     * @param id the id that the response repeats
     * @param number the number of the commit, see {@link Command.OffsetsCommitted}
     */
    record Commit(long id, List<CommittedPosition> positions, long number)
            implements SubscriberRequest {
        public Commit {
            positions = List.copyOf(positions);
        }
    }

    /**
     * The position of a group in a partition.
     *
     * @param offset the offset of the next record wanted
     * @param text the metadata text stored with the offset; may be empty
     */
    record CommittedPosition(NamedPartition partition, long offset, String text) {}

    /** Confirms that the client released revoked partitions. */
    record Released(List<NamedPartition> partitions) implements SubscriberRequest {
        public Released {
            partitions = List.copyOf(partitions);
        }
    }

    /** Stops sending batches of partitions. */
    record Pause(List<NamedPartition> partitions) implements SubscriberRequest {
        public Pause {
            partitions = List.copyOf(partitions);
        }
    }

    /** Continues to send batches of partitions. */
    record Resume(List<NamedPartition> partitions) implements SubscriberRequest {
        public Resume {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * Moves the position of a partition to an offset.
     *
     * @param offset the new position, not negative
     */
    record Seek(NamedPartition partition, long offset) implements SubscriberRequest {}

    /** Moves the position of a partition to a position that is looked up. */
    record SeekToPosition(NamedPartition partition, StartPosition.LookedUp to)
            implements SubscriberRequest {}

    /** Ends the subscription. */
    record Leave() implements SubscriberRequest {}
}
