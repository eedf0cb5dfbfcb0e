package io.millrace.metadata.admin;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes the first records of partitions. Results come from the applied state, so a repeated
 * request is harmless. Owned by the metadata's loop.
 */
final class TopicTrim {

    static final int MAX_PARTITIONS_PER_COMMAND = 2_000;

    private final Metadata metadata;

    TopicTrim(Metadata metadata) {
        this.metadata = metadata;
    }

    static void validate(String topic, List<TrimRequest> requests) {
        if (requests.isEmpty()) {
            throw malformed("No partition to trim was given: name at least one.");
        }
        for (TrimRequest request : requests) {
            if (request.offset() < 0) {
                throw malformed(
                        "Partition %d of topic %s cannot start at offset %d: offsets must not be negative."
                                .formatted(request.partition(), topic, request.offset()));
            }
        }
    }

    CompletableFuture<List<TrimResult>> trim(Topic topic, List<TrimRequest> requests) {
        List<LogStart> starts =
                requests.stream()
                        .map(request -> new LogStart(request.partition(), request.offset()))
                        .toList();
        return proposeFrom(0, topic, starts)
                .thenApply(applied ->
                        requests.stream().map(request -> result(topic, request)).toList());
    }

    private CompletableFuture<Void> proposeFrom(int from, Topic topic, List<LogStart> starts) {
        if (from >= starts.size()) {
            return CompletableFuture.completedFuture(null);
        }
        int to = Math.min(starts.size(), from + MAX_PARTITIONS_PER_COMMAND);
        return metadata.propose(
                        new Command.LogStartAdvanced(topic.id(), starts.subList(from, to)),
                        Metadata.Priority.BACKGROUND)
                .thenApply(Proposal::acceptedOutcome)
                .thenCompose(outcome -> proposeFrom(to, topic, starts));
    }

    private TrimResult result(Topic topic, TrimRequest request) {
        return metadata.view()
                .partition(topic.id(), request.partition())
                .map(log -> result(topic, request, log))
                .orElseGet(() ->
                        new TrimResult.Rejected(
                                request.partition(),
                                new Problem(
                                        Reason.UNKNOWN_PARTITION,
                                        "Topic %s has no partition %d: it has 0 to %d."
                                                .formatted(
                                                        topic.name(),
                                                        request.partition(),
                                                        topic.partitionCount() - 1))));
    }

    private static TrimResult result(Topic topic, TrimRequest request, PartitionLog log) {
        return log.logStartOffset() >= request.offset()
                ? new TrimResult.Trimmed(request.partition(), log.logStartOffset())
                : new TrimResult.Rejected(
                        request.partition(), afterTheEnd(topic.name(), request, log));
    }

    private static Problem afterTheEnd(String topic, TrimRequest request, PartitionLog log) {
        return new Problem(
                Reason.OFFSET_OUT_OF_RANGE,
                "Partition %d of topic %s cannot start at offset %d: use an offset from %d to %d."
                        .formatted(
                                request.partition(),
                                topic,
                                request.offset(),
                                log.logStartOffset(),
                                log.highWatermark()),
                Map.of(
                        "log_start_offset", Long.toString(log.logStartOffset()),
                        "high_watermark", Long.toString(log.highWatermark())));
    }

    private static ProblemException malformed(String message) {
        return new ProblemException(new Problem(Reason.MALFORMED_REQUEST, message));
    }
}
