package io.millrace.ingest.block;

import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.ObjectStoreException;

/** The errors of the write path. */
public final class ProduceProblems {

    private ProduceProblems() {}

    public static Problem unknownTopic(String topic) {
        return new Problem(
                Reason.UNKNOWN_TOPIC, "There is no topic %s; create it first.".formatted(topic));
    }

    public static Problem invalidTopicName(String topic) {
        return new Problem(
                Reason.INVALID_TOPIC_NAME,
                "No topic can have the name \"%s\": use 1 to %d characters of [a-zA-Z0-9._-]."
                        .formatted(topic, TopicName.MAX_CHARS));
    }

    public static Problem unknownPartition(String topic, int partition, int partitionCount) {
        return new Problem(
                Reason.UNKNOWN_PARTITION,
                "Topic %s has %d partitions, numbered from 0; there is no partition %d."
                        .formatted(topic, partitionCount, partition));
    }

    public static Problem tooLarge(String topic, int partition, int sizeBytes, int maxBytes) {
        return new Problem(
                Reason.TOO_LARGE,
                "%s-%d: the batch has %d bytes; the topic's max.message.bytes allows %d: send smaller batches or raise the setting."
                        .formatted(topic, partition, sizeBytes, maxBytes));
    }

    public static Problem overloaded() {
        return new Problem(
                Reason.OVERLOADED,
                "The node's memory for blocks is full, because uploads are slower than producers; try again soon.");
    }

    public static Problem mergeBacklogFull() {
        return new Problem(
                Reason.OVERLOADED,
                "The metadata have reached the limit of the nodes' memory: small objects are not merged fast enough, or there are too many partitions, producers or groups for the heap. Run nodes with the role compaction, give the nodes more heap, or delete topics; a retry succeeds afterwards.");
    }

    public static Problem shuttingDown() {
        return new Problem(
                Reason.SHUTTING_DOWN,
                "The node is shutting down and has not stored the records; send them to another node.");
    }

    public static Problem outcomeUnknown() {
        return new Problem(
                Reason.OUTCOME_UNKNOWN,
                "The node shut down while the result of this request was unknown; send the records again, which is safe for idempotent producers.");
    }

    public static Problem internal(String what) {
        return new Problem(
                Reason.INTERNAL_ERROR, what + " failed unexpectedly; see the node's log.");
    }

    public static Problem uploadTooSlow(String object) {
        return new Problem(
                Reason.STORAGE_UNAVAILABLE,
                "The upload of object %s to the bucket exceeded its deadline; try again."
                        .formatted(object));
    }

    /** Returns a retriable error: no response of the bucket is the producers' fault. */
    public static Problem uploadFailed(ObjectStoreException failure) {
        return switch (failure) {
            case ObjectStoreException.Full full ->
                    new Problem(
                            Reason.STORAGE_FULL,
                            "The bucket is full: %s".formatted(full.getMessage()));
            case ObjectStoreException.Missing _,
                    ObjectStoreException.Throttled _,
                    ObjectStoreException.Unavailable _,
                    ObjectStoreException.RequestRejected _,
                    ObjectStoreException.Corrupt _ ->
                    new Problem(
                            Reason.STORAGE_UNAVAILABLE,
                            "The upload to the bucket failed: %s".formatted(failure.getMessage()));
        };
    }

    public static Problem at(String topic, int partition, Problem problem) {
        return new Problem(
                problem.reason(),
                "%s-%d: %s".formatted(topic, partition, problem.message()),
                problem.details());
    }

    public static Problem recreated(String topic, int partition) {
        return new Problem(
                Reason.METADATA_UNAVAILABLE,
                "%s-%d: the topic was deleted and created again before the batch was committed; send the batch again, to the new topic."
                        .formatted(topic, partition));
    }

    public static Problem rejected(String topic, int partition, Reason reason) {
        String why =
                switch (reason) {
                    case UNKNOWN_TOPIC, UNKNOWN_PARTITION ->
                            "the topic or partition was deleted before the batch was committed; create it again or write to another topic.";
                    case OUT_OF_ORDER_SEQUENCE ->
                            "the batch's sequence does not follow the producer's last one; an earlier batch is missing: send that first.";
                    case PRODUCER_FENCED ->
                            "the producer id is used with a newer epoch: another producer has taken over.";
                    case UNKNOWN_PRODUCER ->
                            "the producer's sequences are unknown or have expired; start with a new producer id.";
                    case STORAGE_UNAVAILABLE ->
                            "its block was committed too late and was discarded; send the batch again.";
                    default -> "the batch was rejected: " + reason + ".";
                };
        return new Problem(reason, "%s-%d: %s".formatted(topic, partition, why));
    }
}
