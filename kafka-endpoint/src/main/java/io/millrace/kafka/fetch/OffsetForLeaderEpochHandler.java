package io.millrace.kafka.fetch;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.FutureFailures;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Tells consumers where a leader epoch ended, after a barrier: a consumer that has read beyond that
 * offset has read records that a restore of the log lost.
 */
public final class OffsetForLeaderEpochHandler
        implements ApiHandler<OffsetForLeaderEpochRequestData, OffsetForLeaderEpochResponseData> {

    private final Metadata metadata;

    public OffsetForLeaderEpochHandler(Metadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public CompletableFuture<OffsetForLeaderEpochResponseData> handle(
            RequestContext context, OffsetForLeaderEpochRequestData request) {
        CompletableFuture<OffsetForLeaderEpochResponseData> answer = new CompletableFuture<>();
        var unused =
                metadata.barrier()
                        .whenComplete((reached, failure) ->
                                metadata.loop()
                                        .runNowOrLater(
                                                () -> answer(context, request, failure, answer)));
        return answer;
    }

    private void answer(
            RequestContext context,
            OffsetForLeaderEpochRequestData request,
            @Nullable Throwable noBarrier,
            CompletableFuture<OffsetForLeaderEpochResponseData> answer) {
        try {
            answer.complete(answer(context, request, noBarrier));
        } catch (RuntimeException bug) {
            answer.completeExceptionally(bug);
        }
    }

    private OffsetForLeaderEpochResponseData answer(
            RequestContext context,
            OffsetForLeaderEpochRequestData request,
            @Nullable Throwable noBarrier) {
        OffsetForLeaderEpochResponseData answer = new OffsetForLeaderEpochResponseData();
        boolean isBroker =
                context.allows(
                        Operation.CLUSTER_ACTION, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
        for (OffsetForLeaderTopic topic : request.topics()) {
            boolean allowed =
                    isBroker
                            || context.authorize(
                                    Operation.DESCRIBE, ResourceType.TOPIC, topic.topic());
            OffsetForLeaderTopicResult result =
                    new OffsetForLeaderTopicResult().setTopic(topic.topic());
            for (OffsetForLeaderPartition partition : topic.partitions()) {
                EpochEndOffset place = new EpochEndOffset().setPartition(partition.partition());
                result.partitions().add(place);
                Errors error =
                        allowed
                                ? look(topic.topic(), partition, noBarrier, place)
                                : Errors.TOPIC_AUTHORIZATION_FAILED;
                if (error != Errors.NONE) {
                    place.setErrorCode(error.code());
                    context.failed(error);
                }
            }
            answer.topics().add(result);
        }
        return answer;
    }

    private Errors look(
            String topic,
            OffsetForLeaderPartition partition,
            @Nullable Throwable noBarrier,
            EpochEndOffset place) {
        if (noBarrier != null) {
            return FutureFailures.unwrap(noBarrier) instanceof ProblemException known
                    ? KafkaErrors.of(known.problem().reason())
                    : Errors.UNKNOWN_SERVER_ERROR;
        }
        Optional<PartitionLog> log =
                metadata.topics()
                        .named(topic)
                        .flatMap(found ->
                                metadata.view().partition(found.id(), partition.partition()));
        if (log.isEmpty()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        LeaderEpochs epochs = new LeaderEpochs((int) metadata.generation());
        Errors fenced = epochs.problem(partition.currentLeaderEpoch());
        if (fenced == Errors.NONE) {
            LeaderEpochs.EpochEnd end = epochs.endOf(log.get(), partition.leaderEpoch());
            place.setLeaderEpoch(end.epoch()).setEndOffset(end.endOffset());
        }
        return fenced;
    }
}
