package io.millrace.fetch.subscribe;

import io.millrace.metadata.command.Command;
import java.util.List;

/** What a client says on a stream that is open. */
public sealed interface SubscriberRequest {

    /**
     * Adds to what may be sent.
     *
     * @param bytes not negative
     * @param records not negative
     */
    record Credit(long bytes, long records) implements SubscriberRequest {}

    /** It is at work. */
    record Heartbeat() implements SubscriberRequest {}

    /**
     * It has heard an invitation.
     *
     * @param memberId that was in it
     */
    record Accept(String memberId) implements SubscriberRequest {}

    /**
     * Stores offsets.
     *
     * @param id comes back in the answer
     * @param number as in {@link Command.OffsetsCommitted}
     */
    record Commit(long id, List<Place> places, long number) implements SubscriberRequest {
        public Commit {
            places = List.copyOf(places);
        }
    }

    /**
     * How far a group has got in a partition.
     *
     * @param offset of the next record that is wanted
     * @param text to be found beside it; may be empty
     */
    record Place(NamedPartition partition, long offset, String text) {}

    /** It let go of partitions that it was to give up. */
    record Released(List<NamedPartition> partitions) implements SubscriberRequest {
        public Released {
            partitions = List.copyOf(partitions);
        }
    }

    /** Stops batches of partitions. */
    record Pause(List<NamedPartition> partitions) implements SubscriberRequest {
        public Pause {
            partitions = List.copyOf(partitions);
        }
    }

    /** Lets batches of partitions go on. */
    record Resume(List<NamedPartition> partitions) implements SubscriberRequest {
        public Resume {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * Goes on at an offset.
     *
     * @param offset not negative
     */
    record Seek(NamedPartition partition, long offset) implements SubscriberRequest {}

    /** Goes on at a place that is looked up. */
    record SeekPlace(NamedPartition partition, StartPosition.Found to)
            implements SubscriberRequest {}

    /** It is done. */
    record Leave() implements SubscriberRequest {}
}
