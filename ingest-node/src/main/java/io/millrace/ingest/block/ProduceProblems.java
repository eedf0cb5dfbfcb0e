package io.millrace.ingest.block;

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
                "The node's memory for blocks is full, since uploads are slower than producers; try again soon.");
    }

    public static Problem mergesAfter() {
        return new Problem(
                Reason.OVERLOADED,
                "The metadata are as large as a node can bear, since small objects are not merged; see that nodes with the role compaction run and keep up, or give the nodes more heap, and try again.");
    }

    public static Problem shuttingDown() {
        return new Problem(
                Reason.SHUTTING_DOWN,
                "The node shuts down and has not stored this; send it to another node.");
    }

    public static Problem outcomeUnknown() {
        return new Problem(
                Reason.OUTCOME_UNKNOWN,
                "The node shut down before it learned whether this was stored; send it again, which is safe for idempotent producers.");
    }

    public static Problem internal(String what) {
        return new Problem(
                Reason.INTERNAL_ERROR,
                what + " failed in a way that nobody expected; the node's log says more.");
    }

    public static Problem uploadTooSlow(String object) {
        return new Problem(
                Reason.STORAGE_UNAVAILABLE,
                "The bucket did not take object %s in time; try again.".formatted(object));
    }

    /** Returns the error for a failed upload. All of them are retriable, since no response of the bucket is the producers' fault. */
    public static Problem uploadFailed(ObjectStoreException failure) {
        return switch (failure) {
            case ObjectStoreException.Full full ->
                    new Problem(
                            Reason.STORAGE_FULL,
                            "The bucket has no room: %s".formatted(full.getMessage()));
            case ObjectStoreException.Missing _,
                    ObjectStoreException.Throttled _,
                    ObjectStoreException.Unavailable _,
                    ObjectStoreException.Refused _,
                    ObjectStoreException.Corrupt _ ->
                    new Problem(
                            Reason.STORAGE_UNAVAILABLE,
                            "The bucket did not take the data: %s".formatted(failure.getMessage()));
        };
    }

    /** Prefixes a validation error with the topic and partition. */
    public static Problem at(String topic, int partition, Problem problem) {
        return new Problem(
                problem.reason(),
                "%s-%d: %s".formatted(topic, partition, problem.message()),
                problem.details());
    }

    /** Returns the error for an item that the state machine rejected. */
    public static Problem rejected(String topic, int partition, Reason reason) {
        String why =
                switch (reason) {
                    case UNKNOWN_TOPIC, UNKNOWN_PARTITION ->
                            "it was deleted while the batch was on its way; create it again or write elsewhere.";
                    case OUT_OF_ORDER_SEQUENCE ->
                            "the batch's sequence does not follow the producer's last one; an earlier batch is missing: send that first.";
                    case PRODUCER_FENCED ->
                            "the producer id is used with a newer epoch; another producer took over.";
                    case UNKNOWN_PRODUCER ->
                            "the producer's sequences are not known (any more); begin with a new producer id.";
                    case STORAGE_UNAVAILABLE ->
                            "its block came so late that it was given up; send the batch again.";
                    default -> "the batch was refused: " + reason + ".";
                };
        return new Problem(reason, "%s-%d: %s".formatted(topic, partition, why));
    }
}
