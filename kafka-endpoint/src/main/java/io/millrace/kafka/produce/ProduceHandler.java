package io.millrace.kafka.produce;

import io.millrace.ingest.IngestNode;
import io.millrace.ingest.sequence.SequenceGaps;
import io.millrace.kafka.cluster.CurrentLeaders;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.CloseConnectionException;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.security.quota.QuotaEnforcement;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Appends batches. The received bytes are kept until the ingest node has copied them into its open
 * block. While the node has no memory for more, requests wait in their order. All acknowledgements
 * are as strong as acks=all.
 */
public final class ProduceHandler implements ApiHandler<ProduceRequestData, ProduceResponseData> {

    private final IngestNode ingest;
    private final EventLoop loop;
    private final ProduceContext shared;

    /**
     * @param loop the loop of the ingest node and of its metadata
     */
    public ProduceHandler(
            IngestNode ingest,
            EventLoop loop,
            Metadata metadata,
            TopicIds ids,
            KafkaNodes nodes,
            SequenceGaps gaps,
            QuotaEnforcement quotas) {
        this.ingest = ingest;
        this.loop = loop;
        this.shared =
                new ProduceContext(
                        ingest,
                        metadata,
                        ids,
                        new PendingTopicIds(),
                        new CurrentLeaders(nodes),
                        gaps,
                        quotas);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.PRODUCE;
    }

    @Override
    public boolean expectsAnswer(ProduceRequestData request) {
        return request.acks() != 0;
    }

    @Override
    public CompletableFuture<ProduceResponseData> handle(
            RequestContext context, ProduceRequestData request) {
        Runnable release = context.keepBytes();
        PendingProduce produce = new PendingProduce(shared, context, request, release);
        loop.runNowOrLater(() -> ingest.whenRoom(produce::start));
        return expectsAnswer(request)
                ? produce.result()
                : produce.result()
                        .thenApply(answer -> {
                            if (produce.hasFailed()) {
                                throw new CloseConnectionException(
                                        "A batch without acknowledgement was not stored.");
                            }
                            return answer;
                        });
    }
}
