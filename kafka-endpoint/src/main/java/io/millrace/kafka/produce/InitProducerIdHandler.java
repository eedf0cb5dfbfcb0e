package io.millrace.kafka.produce;

import io.millrace.ingest.IngestNode;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Allocates producer ids for idempotent producers. As in Kafka, each request of an idempotent
 * producer receives a new id. Transactional ids are refused.
 */
public final class InitProducerIdHandler
        implements ApiHandler<InitProducerIdRequestData, InitProducerIdResponseData> {

    private final IngestNode ingest;
    private final EventLoop loop;

    /**
     * @param loop the loop of the ingest node
     */
    public InitProducerIdHandler(IngestNode ingest, EventLoop loop) {
        this.ingest = ingest;
        this.loop = loop;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.INIT_PRODUCER_ID;
    }

    @Override
    public CompletableFuture<InitProducerIdResponseData> handle(
            RequestContext context, InitProducerIdRequestData request) {
        Errors problem = problemOf(context, request);
        if (problem != Errors.NONE) {
            return CompletableFuture.completedFuture(failed(context, problem));
        }
        CompletableFuture<InitProducerIdResponseData> answer = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            var unused =
                    ingest.allocateProducerId()
                            .whenComplete((lease, failure) ->
                                    answer.complete(
                                            lease == null
                                                    ? failed(context, errorOf(failure))
                                                    : new InitProducerIdResponseData()
                                                            .setProducerId(lease.producerId())
                                                            .setProducerEpoch(lease.epoch())));
        });
        return answer;
    }

    private static Errors problemOf(RequestContext context, InitProducerIdRequestData request) {
        String transactionalId = request.transactionalId();
        if (transactionalId != null) {
            if (!context.authorize(
                    Operation.WRITE, ResourceType.TRANSACTIONAL_ID, transactionalId)) {
                return Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
            }
        } else if (!context.connection()
                        .authorizer()
                        .allowsAny(context.caller(), Operation.WRITE, ResourceType.TOPIC)
                && !context.authorize(
                        Operation.IDEMPOTENT_WRITE,
                        ResourceType.CLUSTER,
                        ResourceType.CLUSTER_NAME)) {
            return Errors.CLUSTER_AUTHORIZATION_FAILED;
        }
        boolean withId = request.producerId() != -1;
        boolean withEpoch = request.producerEpoch() != -1;
        if (withId != withEpoch) {
            return Errors.INVALID_REQUEST;
        }
        if (transactionalId == null) {
            return Errors.NONE;
        }
        return transactionalId.isEmpty() ? Errors.INVALID_REQUEST : Errors.UNSUPPORTED_VERSION;
    }

    private static InitProducerIdResponseData failed(RequestContext context, Errors error) {
        context.failed(error);
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(-1)
                .setProducerEpoch((short) -1);
    }

    /** Returns the code that makes clients ask again if the metadata cannot be reached. */
    private static Errors errorOf(Throwable failure) {
        if (FutureFailures.unwrap(failure) instanceof ProblemException known) {
            return known.problem().retriable()
                    ? Errors.COORDINATOR_LOAD_IN_PROGRESS
                    : KafkaErrors.of(known.problem().reason());
        }
        return Errors.UNKNOWN_SERVER_ERROR;
    }
}
