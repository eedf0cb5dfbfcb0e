package io.millrace.fetch;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.log.LogFields;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.util.Map;
import org.jboss.logging.Logger;

/** Maps failed reads to problems. */
final class ReadProblems {

    private static final Logger LOG = Logger.getLogger(ReadProblems.class);

    private ReadProblems() {}

    static Problem unknownTopic(String topic) {
        return new Problem(
                Reason.UNKNOWN_TOPIC,
                "There is no topic %s; create it or correct the name.".formatted(topic));
    }

    static Problem replacedTopic(String topic) {
        return new Problem(
                Reason.UNKNOWN_TOPIC,
                "Topic %s was deleted, and created again with the same name: offsets of the former topic mean nothing in the new one. Choose a start position to read the new topic."
                        .formatted(topic));
    }

    static Problem unknownPartition(String topic, int partition, int count) {
        return new Problem(
                Reason.UNKNOWN_PARTITION,
                "Topic %s has no partition %d; its partitions are 0 to %d."
                        .formatted(topic, partition, count - 1));
    }

    static Problem outOfRange(
            String topic, int partition, long offset, long logStartOffset, long highWatermark) {
        return new Problem(
                Reason.OFFSET_OUT_OF_RANGE,
                "Offset %d of %s-%d cannot be read; continue at an offset between %d and %d."
                        .formatted(offset, topic, partition, logStartOffset, highWatermark),
                Map.of(
                        "log_start_offset", Long.toString(logStartOffset),
                        "high_watermark", Long.toString(highWatermark)));
    }

    static ObjectStoreException.Corrupt contradicts(ObjectId object, long position) {
        return new ObjectStoreException.Corrupt(
                "object %s does not hold the expected batch at byte %d".formatted(object, position),
                null);
    }

    static Problem of(
            String topic, int partition, long offset, ObjectId object, Throwable failure) {
        String where = "%s-%d at offset %d".formatted(topic, partition, offset);
        return switch (FutureFailures.unwrap(failure)) {
            case ProblemException e -> e.problem();
            case ObjectStoreException.Corrupt e ->
                    new Problem(
                            Reason.CORRUPT_DATA,
                            "%s: stored bytes are damaged: %s. Restore the object, or skip the offsets."
                                    .formatted(where, e.getMessage()));
            case ObjectStoreException.Missing e ->
                    new Problem(
                            Reason.CORRUPT_DATA,
                            "%s: object %s is missing from the bucket, but still referenced. Restore the object, or skip the offsets."
                                    .formatted(where, object));
            case ObjectStoreException e ->
                    new Problem(
                            Reason.STORAGE_UNAVAILABLE,
                            "%s: object %s cannot be read now: %s. Try again."
                                    .formatted(where, object, e.getMessage()));
            default -> unexpected(topic, partition, offset, failure);
        };
    }

    /** Logs an unexpected failure. */
    static Problem unexpected(String topic, int partition, long offset, Throwable failure) {
        String where = "%s-%d at offset %d".formatted(topic, partition, offset);
        LogFields.topic(topic)
                .partition(partition)
                .offset(offset)
                .log(() -> LOG.errorf(failure, "Reading %s failed", where));
        return new Problem(
                Reason.INTERNAL_ERROR,
                "%s: the read failed inside the node; see the node's log.".formatted(where));
    }
}
