package io.millrace.fetch;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import java.util.Optional;

/** The state of a partition in the local metadata. */
sealed interface PartitionLookup {

    /** Valid until the task ends. */
    record ReadableLog(long topicId, PartitionLog log) implements PartitionLookup {}

    /** Final only after a metadata barrier, because the local metadata may be stale. */
    record NotReadable(Problem problem) implements PartitionLookup {}

    long ANY_TOPIC = FetchQuery.PartitionQuery.ANY_TOPIC;

    static PartitionLookup of(Metadata metadata, String topic, int partition, long topicId) {
        Optional<Topic> found = metadata.topics().named(topic);
        if (found.isEmpty()) {
            return new NotReadable(ReadProblems.unknownTopic(topic));
        }
        if (topicId != ANY_TOPIC && found.get().id() != topicId) {
            return new NotReadable(ReadProblems.replacedTopic(topic));
        }
        Optional<PartitionLog> log = metadata.view().partition(found.get().id(), partition);
        if (log.isEmpty()) {
            return new NotReadable(
                    ReadProblems.unknownPartition(topic, partition, found.get().partitionCount()));
        }
        return new ReadableLog(found.get().id(), log.get());
    }

    /** Looks up a partition and rejects offsets below the log start or above the high watermark. */
    static PartitionLookup readable(
            Metadata metadata, FetchQuery.PartitionQuery query, long topicId) {
        PartitionLookup found = of(metadata, query.topic(), query.partition(), topicId);
        if (!(found instanceof ReadableLog(long id, PartitionLog log))
                || (query.offset() >= log.logStartOffset()
                        && query.offset() <= log.highWatermark())) {
            return found;
        }
        return new NotReadable(
                ReadProblems.outOfRange(
                        query.topic(),
                        query.partition(),
                        query.offset(),
                        log.logStartOffset(),
                        log.highWatermark()));
    }
}
