package io.millrace.fetch.subscribe;

import io.millrace.metadata.command.Command;
import java.util.List;

/** A request of a client on an open stream. */
public sealed interface SubscriberRequest {

    /** Adds to the client's credit. Neither number is negative. */
    record Credit(long bytes, long records) implements SubscriberRequest {}

    /** Shows that the client is alive. */
    record Heartbeat() implements SubscriberRequest {}

    /** Accepts an invitation. */
    record Accept(String memberId) implements SubscriberRequest {}

    /**
     * Commits offsets.
     *
     * @param id the id of the response
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
     * @param text the metadata text; may be empty
     */
    record CommittedPosition(TopicPartition partition, long offset, String text) {}

    /** Confirms the release of revoked partitions. */
    record Released(List<TopicPartition> partitions) implements SubscriberRequest {
        public Released {
            partitions = List.copyOf(partitions);
        }
    }

    /** Pauses partitions. */
    record Pause(List<TopicPartition> partitions) implements SubscriberRequest {
        public Pause {
            partitions = List.copyOf(partitions);
        }
    }

    /** Resumes partitions. */
    record Resume(List<TopicPartition> partitions) implements SubscriberRequest {
        public Resume {
            partitions = List.copyOf(partitions);
        }
    }

    /** Moves a partition to an offset, not negative. */
    record Seek(TopicPartition partition, long offset) implements SubscriberRequest {}

    /** Moves a partition to a position that is looked up. */
    record SeekToPosition(TopicPartition partition, StartPosition.LookedUp to)
            implements SubscriberRequest {}

    /** Ends the subscription. */
    record Leave() implements SubscriberRequest {}
}
