package io.millrace.fetch.subscribe;

import io.millrace.metadata.command.Command;
import java.util.List;

/** What a client says on a stream that is open. */
public sealed interface FromClient {

    /**
     * Adds to what may be sent.
     *
     * @param bytes not negative
     * @param records not negative
     */
    record Credit(long bytes, long records) implements FromClient {}

    /** It is at work. */
    record Heartbeat() implements FromClient {}

    /**
     * It has heard an invitation.
     *
     * @param memberId that was in it
     */
    record Accept(String memberId) implements FromClient {}

    /**
     * Stores offsets.
     *
     * @param id comes back in the answer
     * @param number as in {@link Command.OffsetsCommitted}
     */
    record Commit(long id, List<Place> places, long number) implements FromClient {
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
    record Place(PartitionName partition, long offset, String text) {}

    /** It let go of partitions that it was to give up. */
    record Released(List<PartitionName> partitions) implements FromClient {
        public Released {
            partitions = List.copyOf(partitions);
        }
    }

    /** Stops batches of partitions. */
    record Pause(List<PartitionName> partitions) implements FromClient {
        public Pause {
            partitions = List.copyOf(partitions);
        }
    }

    /** Lets batches of partitions go on. */
    record Resume(List<PartitionName> partitions) implements FromClient {
        public Resume {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * Goes on at an offset.
     *
     * @param offset not negative
     */
    record Seek(PartitionName partition, long offset) implements FromClient {}

    /** Goes on at a place that is looked up. */
    record SeekPlace(PartitionName partition, StartPosition.Found to) implements FromClient {}

    /** It is done. */
    record Leave() implements FromClient {}
}
