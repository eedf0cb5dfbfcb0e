package io.millrace.fetch;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import java.util.Optional;

/** What this process's copy of the metadata says of a partition, here and now. */
sealed interface PartitionLookup {

    /** It is there. Valid until the task ends. */
    record Known(long topicId, PartitionLog log) implements PartitionLookup {}

    /** It is not; to be believed only after a barrier. */
    record Denied(Problem problem) implements PartitionLookup {}

    /** No topic has this id. */
    long ANY_TOPIC = -1;

    /**
     * Looks a partition up.
     *
     * @param topicId the topic must still be this one; {@link #ANY_TOPIC} if it was never seen
     */
    static PartitionLookup of(Metadata metadata, String topic, int partition, long topicId) {
        Optional<Topic> found = metadata.topics().named(topic);
        if (found.isEmpty() || (topicId != ANY_TOPIC && found.get().id() != topicId)) {
            return new Denied(ReadProblems.unknownTopic(topic));
        }
        Optional<PartitionLog> log = metadata.view().partition(found.get().id(), partition);
        if (log.isEmpty()) {
            return new Denied(
                    ReadProblems.unknownPartition(topic, partition, found.get().partitionCount()));
        }
        return new Known(found.get().id(), log.get());
    }

    /** As {@link #of}, denied if the offset is below the log's start or behind its end. */
    static PartitionLookup readable(
            Metadata metadata, FetchQuery.PartitionQuery query, long topicId) {
        PartitionLookup found = of(metadata, query.topic(), query.partition(), topicId);
        if (!(found instanceof Known(long id, PartitionLog log))
                || (query.offset() >= log.logStartOffset()
                        && query.offset() <= log.highWatermark())) {
            return found;
        }
        return new Denied(
                ReadProblems.outOfRange(
                        query.topic(),
                        query.partition(),
                        query.offset(),
                        log.logStartOffset(),
                        log.highWatermark()));
    }
}
