package io.millrace.server.grpc;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.PartitionTrim;
import io.millrace.protocol.v1.TrimTopicResponse;
import io.millrace.protocol.v1.TrimmedPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes the first records of partitions because somebody asked for it. What came of it is read
 * from the applied state, so that to ask again does no harm. Owned by the metadata's loop.
 */
final class TopicTrim {

    /** So many partitions are in one command. */
    private static final int AT_A_TIME = 2_000;

    private final Metadata metadata;

    TopicTrim(Metadata metadata) {
        this.metadata = metadata;
    }

    /**
     * Trims partitions of a topic.
     *
     * @return one answer for each, in their order; fails only if it is not known what became of it
     */
    CompletableFuture<TrimTopicResponse> trim(Topic topic, List<PartitionTrim> wanted) {
        List<LogStart> starts = new ArrayList<>();
        for (PartitionTrim each : wanted) {
            if (each.getOffset() < 0) {
                throw new ProblemException(
                        new Problem(
                                Reason.MALFORMED_REQUEST,
                                "Partition %d of topic %s cannot begin at offset %d: offsets are not negative."
                                        .formatted(
                                                each.getPartition(),
                                                topic.name(),
                                                each.getOffset())));
            }
            starts.add(new LogStart(each.getPartition(), each.getOffset()));
        }
        return trimFrom(0, topic, starts).thenApply(applied -> answer(topic, wanted));
    }

    private CompletableFuture<Void> trimFrom(int from, Topic topic, List<LogStart> starts) {
        if (from >= starts.size()) {
            return CompletableFuture.completedFuture(null);
        }
        int to = Math.min(starts.size(), from + AT_A_TIME);
        return metadata.propose(
                        new Command.LogStartAdvanced(topic.id(), starts.subList(from, to)),
                        Metadata.Lane.BACKGROUND)
                .thenApply(Proposal::accepted)
                .thenCompose(outcome -> trimFrom(to, topic, starts));
    }

    private TrimTopicResponse answer(Topic topic, List<PartitionTrim> wanted) {
        TrimTopicResponse.Builder response = TrimTopicResponse.newBuilder();
        for (PartitionTrim each : wanted) {
            response.addPartitions(answer(topic, each));
        }
        return response.build();
    }

    private TrimmedPartition.Builder answer(Topic topic, PartitionTrim wanted) {
        TrimmedPartition.Builder answer =
                TrimmedPartition.newBuilder().setPartition(wanted.getPartition());
        Optional<PartitionLog> log = metadata.view().partition(topic.id(), wanted.getPartition());
        if (log.isPresent() && log.get().logStartOffset() >= wanted.getOffset()) {
            return answer.setLogStartOffset(log.get().logStartOffset());
        }
        Problem problem =
                log.map(known -> behindTheEnd(topic, wanted, known))
                        .orElseGet(() ->
                                new Problem(
                                        Reason.UNKNOWN_PARTITION,
                                        "Topic %s has no partition %d: it has 0 to %d."
                                                .formatted(
                                                        topic.name(),
                                                        wanted.getPartition(),
                                                        topic.partitionCount() - 1)));
        return answer.setLogStartOffset(-1).setError(problem.toStatus());
    }

    private static Problem behindTheEnd(Topic topic, PartitionTrim wanted, PartitionLog log) {
        return new Problem(
                Reason.OFFSET_OUT_OF_RANGE,
                "Partition %d of topic %s cannot begin at offset %d: take one from %d to %d."
                        .formatted(
                                wanted.getPartition(),
                                topic.name(),
                                wanted.getOffset(),
                                log.logStartOffset(),
                                log.highWatermark()),
                Map.of(
                        "log_start_offset", Long.toString(log.logStartOffset()),
                        "high_watermark", Long.toString(log.highWatermark())));
    }
}
