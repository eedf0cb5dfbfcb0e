package io.millrace.kafka.topic;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.admin.TopicAdmin;
import io.millrace.metadata.admin.TrimRequest;
import io.millrace.metadata.admin.TrimResult;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Deletes the first records of partitions. Topics that are only compacted are refused. */
public final class RecordDeletionHandler
        implements ApiHandler<DeleteRecordsRequestData, DeleteRecordsResponseData> {

    private static final long HIGH_WATERMARK = -1;
    private static final long UNKNOWN = -1;

    private final Metadata metadata;
    private final TopicAdmin topics;

    public RecordDeletionHandler(Metadata metadata, TopicAdmin topics) {
        this.metadata = metadata;
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_RECORDS;
    }

    @Override
    public CompletableFuture<DeleteRecordsResponseData> handle(
            RequestContext context, DeleteRecordsRequestData request) {
        List<CompletableFuture<DeleteRecordsTopicResult>> results = new ArrayList<>();
        for (DeleteRecordsTopic topic : request.topics()) {
            results.add(
                    context.authorize(Operation.DELETE, ResourceType.TOPIC, topic.name())
                            ? delete(context, topic)
                            : CompletableFuture.completedFuture(
                                    failed(context, topic, Errors.TOPIC_AUTHORIZATION_FAILED)));
        }
        return LoopCalls.all(results)
                .thenApply(all -> {
                    DeleteRecordsResponseData answer = new DeleteRecordsResponseData();
                    for (DeleteRecordsTopicResult result : all) {
                        if (answer.topics().find(result.name()) == null) {
                            answer.topics().add(result);
                        }
                    }
                    return answer;
                });
    }

    private CompletableFuture<DeleteRecordsTopicResult> delete(
            RequestContext context, DeleteRecordsTopic requested) {
        return LoopCalls.call(
                        metadata.loop(),
                        () ->
                                topics.topic(requested.name())
                                        .thenCompose(topic -> delete(context, topic, requested)))
                .exceptionally(thrown ->
                        failed(context, requested, ApiFailure.of(context, thrown).error()));
    }

    private CompletableFuture<DeleteRecordsTopicResult> delete(
            RequestContext context, Topic topic, DeleteRecordsTopic requested) {
        if (!topic.settings().deletesOldRecords()) {
            return CompletableFuture.completedFuture(
                    failed(context, requested, Errors.POLICY_VIOLATION));
        }
        boolean toTheEnd =
                requested.partitions().stream().anyMatch(row -> row.offset() == HIGH_WATERMARK);
        // The end of a node that lags would delete less than the client can see.
        CompletableFuture<Void> current =
                toTheEnd ? metadata.barrier() : CompletableFuture.completedFuture(null);
        return current.thenCompose(reached -> trim(context, topic, requested));
    }

    private CompletableFuture<DeleteRecordsTopicResult> trim(
            RequestContext context, Topic topic, DeleteRecordsTopic requested) {
        DeleteRecordsTopicResult answer = new DeleteRecordsTopicResult().setName(topic.name());
        List<TrimRequest> requests = new ArrayList<>();
        for (DeleteRecordsPartition row : requested.partitions()) {
            int partition = row.partitionIndex();
            if (partition < 0 || partition >= topic.partitionCount()) {
                add(context, answer, partition, UNKNOWN, Errors.UNKNOWN_TOPIC_OR_PARTITION);
            } else if (row.offset() < HIGH_WATERMARK) {
                add(context, answer, partition, UNKNOWN, Errors.OFFSET_OUT_OF_RANGE);
            } else {
                requests.add(new TrimRequest(partition, offset(topic, row)));
            }
        }
        if (requests.isEmpty()) {
            return CompletableFuture.completedFuture(answer);
        }
        return topics.trim(topic.name(), requests)
                .thenApply(results -> {
                    results.forEach(result -> add(context, answer, result));
                    return answer;
                });
    }

    private long offset(Topic topic, DeleteRecordsPartition row) {
        return row.offset() != HIGH_WATERMARK
                ? row.offset()
                : metadata.view()
                        .partition(topic.id(), row.partitionIndex())
                        .map(PartitionLog::highWatermark)
                        .orElse(0L);
    }

    private static void add(
            RequestContext context, DeleteRecordsTopicResult answer, TrimResult result) {
        switch (result) {
            case TrimResult.Trimmed(int partition, long logStartOffset) ->
                    add(context, answer, partition, logStartOffset, Errors.NONE);
            case TrimResult.Rejected(int partition, Problem problem) ->
                    add(context, answer, partition, UNKNOWN, KafkaErrors.of(problem.reason()));
        }
    }

    private static void add(
            RequestContext context,
            DeleteRecordsTopicResult answer,
            int partition,
            long lowWatermark,
            Errors error) {
        if (error != Errors.NONE) {
            context.failed(error);
        }
        if (answer.partitions().find(partition) == null) {
            answer.partitions()
                    .add(
                            new DeleteRecordsPartitionResult()
                                    .setPartitionIndex(partition)
                                    .setLowWatermark(lowWatermark)
                                    .setErrorCode(error.code()));
        }
    }

    private static DeleteRecordsTopicResult failed(
            RequestContext context, DeleteRecordsTopic requested, Errors error) {
        DeleteRecordsTopicResult answer = new DeleteRecordsTopicResult().setName(requested.name());
        requested
                .partitions()
                .forEach(row -> add(context, answer, row.partitionIndex(), UNKNOWN, error));
        return answer;
    }
}
