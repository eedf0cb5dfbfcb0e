package io.millrace.kafka.produce;

import com.google.protobuf.UnsafeByteOperations;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.QuotaKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A Produce request until all its batches are decided. Owned by the loop of the ingest node, except
 * for the constructor.
 */
final class PendingProduce {

    private static final short FIRST_WITH_TOPIC_IDS = 13;

    private final ProduceContext shared;
    private final RequestContext context;
    private final ProduceRequestData request;
    private final Runnable release;
    private final CompletableFuture<ProduceResponseData> result = new CompletableFuture<>();
    private final ProduceResponseData answer = new ProduceResponseData();
    private final List<TopicProduceData> unknown = new ArrayList<>(0);
    private int undecided;
    private boolean failed;

    /**
     * @param release releases the received bytes
     */
    PendingProduce(
            ProduceContext shared,
            RequestContext context,
            ProduceRequestData request,
            Runnable release) {
        this.shared = shared;
        this.context = context;
        this.request = request;
        this.release = release;
    }

    CompletableFuture<ProduceResponseData> result() {
        return result;
    }

    /** Returns whether a batch was rejected. Only after the result. */
    boolean hasFailed() {
        return failed;
    }

    /** Submits all batches. Releases the bytes once they are copied. */
    void start() {
        // Counts this method as a batch, so that replies during the loop do not end the request.
        undecided = 1;
        try {
            Errors whole = problemOfAll();
            for (TopicProduceData topic : request.topicData()) {
                if (whole != Errors.NONE) {
                    reject(topic, whole);
                } else {
                    submit(topic);
                }
            }
        } catch (RuntimeException bug) {
            result.completeExceptionally(bug);
        }
        if (unknown.isEmpty()) {
            release.run();
            decided();
        } else {
            submitAfterBarrier();
        }
    }

    private boolean hasLegalAcks() {
        return request.acks() >= -1 && request.acks() <= 1;
    }

    private Errors problemOfAll() {
        if (!hasTransactionalRecords()) {
            return Errors.NONE;
        }
        String id = request.transactionalId();
        return id != null && context.authorize(Operation.WRITE, ResourceType.TRANSACTIONAL_ID, id)
                // No transactional id has a producer id here.
                ? Errors.INVALID_PRODUCER_ID_MAPPING
                : Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    }

    private boolean hasTransactionalRecords() {
        for (TopicProduceData topic : request.topicData()) {
            for (PartitionProduceData partition : topic.partitionData()) {
                if (ProducedRecords.of(partition.records()).areTransactional()) {
                    return true;
                }
            }
        }
        return false;
    }

    private void submit(TopicProduceData topic) {
        if (context.version() < FIRST_WITH_TOPIC_IDS) {
            submit(topic, topic.name());
            return;
        }
        Optional<Topic> found = shared.ids().find(shared.metadata().topics(), topic.topicId());
        if (found.isPresent() && !shared.pendingIds().contains(topic.topicId())) {
            submit(topic, found.get().name());
        } else {
            shared.pendingIds().add(topic.topicId());
            unknown.add(topic);
        }
    }

    private void submit(TopicProduceData topic, String name) {
        if (!context.authorize(Operation.WRITE, ResourceType.TOPIC, name)) {
            reject(topic, Errors.TOPIC_AUTHORIZATION_FAILED);
            return;
        }
        TopicProduceResponse place = place(topic);
        for (PartitionProduceData partition : topic.partitionData()) {
            ProducedRecords records = ProducedRecords.of(partition.records());
            PartitionProduceResponse decision =
                    new PartitionProduceResponse().setIndex(partition.index()).setBaseOffset(-1);
            place.partitionResponses().add(decision);
            Errors problem = problem(name, partition.index(), records);
            if (problem != Errors.NONE) {
                reject(decision, problem);
                continue;
            }
            undecided++;
            shared.quotas()
                    .charge(context.caller().principal(), QuotaKind.BYTES_IN, records.sizeBytes());
            shared.ingest()
                    .produce(
                            context.connection().id(),
                            name,
                            partition.index(),
                            UnsafeByteOperations.unsafeWrap(records.bytes()),
                            new BatchDecision(
                                    shared,
                                    name,
                                    records.producerId(),
                                    records.producerEpoch(),
                                    decision,
                                    this));
        }
    }

    /** As in Kafka, errors of a partition come before that of the acknowledgements. */
    private Errors problem(String topic, int partition, ProducedRecords records) {
        Errors ofRecords = records.problem(context.version());
        if (ofRecords != Errors.NONE || hasLegalAcks()) {
            return ofRecords;
        }
        return shared.metadata()
                        .topics()
                        .named(topic)
                        .filter(known -> partition >= 0 && partition < known.partitionCount())
                        .isPresent()
                ? Errors.INVALID_REQUIRED_ACKS
                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private TopicProduceResponse place(TopicProduceData topic) {
        TopicProduceResponse place =
                new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
        answer.responses().add(place);
        return place;
    }

    private void submitAfterBarrier() {
        var unused =
                shared.metadata()
                        .barrier()
                        .whenComplete((reached, failure) -> {
                            try {
                                unknown.forEach(topic -> submitKnown(topic, failure));
                            } catch (RuntimeException bug) {
                                result.completeExceptionally(bug);
                            }
                            release.run();
                            decided();
                        });
    }

    private void submitKnown(TopicProduceData topic, @Nullable Throwable noBarrier) {
        shared.pendingIds().remove(topic.topicId());
        Optional<Topic> found = shared.ids().find(shared.metadata().topics(), topic.topicId());
        if (found.isPresent()) {
            submit(topic, found.get().name());
        } else {
            reject(
                    topic,
                    noBarrier == null ? Errors.UNKNOWN_TOPIC_ID : KafkaErrors.ofFailure(noBarrier));
        }
    }

    private void reject(TopicProduceData topic, Errors error) {
        TopicProduceResponse place = place(topic);
        for (PartitionProduceData partition : topic.partitionData()) {
            PartitionProduceResponse decision =
                    new PartitionProduceResponse().setIndex(partition.index()).setBaseOffset(-1);
            place.partitionResponses().add(decision);
            reject(decision, error);
        }
    }

    /** Sets the error of a batch. */
    void reject(PartitionProduceResponse decision, Errors error) {
        decision.setErrorCode(error.code());
        failed = true;
        context.failed(error);
    }

    /** Returns the answer, for the addresses of nodes. */
    ProduceResponseData answer() {
        return answer;
    }

    RequestContext context() {
        return context;
    }

    /** Called once for each submitted batch. */
    void decided() {
        if (--undecided > 0) {
            return;
        }
        answer.setThrottleTimeMs(context.throttleMs(shared.quotas(), QuotaKind.BYTES_IN));
        result.complete(answer);
    }
}
