package io.millrace.metadata.command;

import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;

/**
 * Something to be decided by the order of the log. A command carries what its proposer knows and
 * names nothing that the order decides, such as offsets or ids. Immutable.
 */
public sealed interface Command {

    /**
     * A WAL block is in the bucket. Outcome: {@link Outcome.Block}.
     *
     * @param object the block
     * @param appendTimeMs when it was sealed, milliseconds since 1970, by the ingest node's clock
     * @param items its batches; those of one partition in the order in which they were accepted
     */
    record BlockCommitted(ObjectRef object, long appendTimeMs, List<BatchItem> items)
            implements Command {
        public BlockCommitted {
            items = List.copyOf(items);
        }
    }

    /** Create a topic. Outcome: {@link Outcome.TopicReady} or {@link Outcome.Refused}. */
    record TopicCreated(String name, int partitionCount, Map<String, String> config)
            implements Command {
        public TopicCreated {
            config = Map.copyOf(config);
        }
    }

    /** Delete a topic by id. Outcome: {@link Outcome.Done} or {@link Outcome.Refused}. */
    record TopicDeleted(long topicId) implements Command {}

    /**
     * Give a topic more partitions. Outcome: {@link Outcome.TopicReady} or {@link Outcome.Refused}.
     *
     * @param partitionCount in all
     */
    record PartitionsAdded(long topicId, int partitionCount) implements Command {}

    /**
     * Hand out producer ids. Outcome: {@link Outcome.ProducerIds}.
     *
     * @param count how many, at least 1
     */
    record ProducerIdsAllocated(int count) implements Command {}

    /**
     * Forget the sequences of idempotent producers that have not written for long. Outcome: {@link
     * Outcome.Done}.
     *
     * @param unchangedSince every (producer, partition) whose last change is in an entry at or
     *     before this one, counted from the log's first entry as 1
     */
    record ProducersExpired(long unchangedSince) implements Command {}

    /** Reject whatever comes later from this incarnation. Outcome: {@link Outcome.Done}. */
    record IncarnationClosed(long incarnation) implements Command {}

    /**
     * Use this version of the state machine from the next entry on. Outcome: {@link Outcome.Done}
     * or {@link Outcome.Refused}.
     */
    record FeatureLevelRaised(int level) implements Command {}
}
