package io.millrace.kafka.produce;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.ProducersView;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Describes the idempotent producers of partitions. None has a transaction. */
public final class DescribeProducersHandler
        implements ApiHandler<DescribeProducersRequestData, DescribeProducersResponseData> {

    /** Maximum number of producers in an answer. */
    private static final int MAX_PRODUCERS = 100_000;

    private static final int NONE = -1;

    private final Metadata metadata;

    public DescribeProducersHandler(Metadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_PRODUCERS;
    }

    @Override
    public CompletableFuture<DescribeProducersResponseData> handle(
            RequestContext context, DescribeProducersRequestData request) {
        CompletableFuture<DescribeProducersResponseData> answer = new CompletableFuture<>();
        // After a barrier, also if it fails: the local state is then the best there is.
        var unused =
                metadata.barrier()
                        .whenComplete((reached, failure) ->
                                metadata.loop()
                                        .runNowOrLater(() -> {
                                            try {
                                                answer.complete(describe(context, request));
                                            } catch (RuntimeException bug) {
                                                answer.completeExceptionally(bug);
                                            }
                                        }));
        return answer;
    }

    private DescribeProducersResponseData describe(
            RequestContext context, DescribeProducersRequestData request) {
        DescribeProducersResponseData answer = new DescribeProducersResponseData();
        int left = MAX_PRODUCERS;
        for (TopicRequest named : request.topics()) {
            TopicResponse topic = new TopicResponse().setName(named.name());
            answer.topics().add(topic);
            Errors problem = problemOf(context, named.name());
            for (int partition : named.partitionIndexes()) {
                PartitionResponse place = new PartitionResponse().setPartitionIndex(partition);
                topic.partitions().add(place);
                Errors error = problem == Errors.NONE ? fill(named.name(), place, left) : problem;
                left -= place.activeProducers().size();
                if (error != Errors.NONE) {
                    place.setErrorCode(error.code()).setErrorMessage(error.message());
                    context.failed(error);
                }
            }
        }
        return answer;
    }

    private static Errors problemOf(RequestContext context, String topic) {
        if (!TopicName.isLegal(topic)) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
        return context.authorize(Operation.READ, ResourceType.TOPIC, topic)
                ? Errors.NONE
                : Errors.TOPIC_AUTHORIZATION_FAILED;
    }

    private Errors fill(String name, PartitionResponse place, int max) {
        Optional<Topic> topic = metadata.topics().named(name);
        if (topic.isEmpty()
                || place.partitionIndex() < 0
                || place.partitionIndex() >= topic.get().partitionCount()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        for (ProducersView.ProducerState producer :
                metadata.producers().of(topic.get().id(), place.partitionIndex(), max)) {
            place.activeProducers()
                    .add(
                            new ProducerState()
                                    .setProducerId(producer.producerId())
                                    .setProducerEpoch(producer.epoch())
                                    .setLastSequence(producer.lastSequence())
                                    .setLastTimestamp(producer.lastAppendTimeMs())
                                    .setCoordinatorEpoch(NONE)
                                    .setCurrentTxnStartOffset(NONE));
        }
        return Errors.NONE;
    }
}
