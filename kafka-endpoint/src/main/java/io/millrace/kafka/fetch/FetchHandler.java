package io.millrace.kafka.fetch;

import io.millrace.fetch.FetchNode;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.security.quota.QuotaEnforcement;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Reads batches, with sessions and long polls. Every node serves every partition; both isolation
 * levels read up to the high watermark.
 */
public final class FetchHandler implements ApiHandler<FetchRequestData, FetchResponseData> {

    private final FetchContext shared;

    /**
     * @param random a source of session ids that clients cannot guess; called on the fetch node's
     *     loop
     */
    public FetchHandler(
            FetchNode fetch,
            Metadata metadata,
            TopicIds ids,
            KafkaNodes nodes,
            FetchLimits limits,
            QuotaEnforcement quotas,
            IntSupplier random,
            KafkaFetchMetrics metrics) {
        PartitionWatch watch = new PartitionWatch();
        FetchSessions sessions =
                new FetchSessions(
                        limits.sessions(),
                        limits.sessionPartitions(),
                        watch,
                        metadata.loop()::nanoTime,
                        random,
                        metrics);
        this.shared =
                new FetchContext(
                        fetch,
                        metadata,
                        ids,
                        nodes,
                        limits,
                        sessions,
                        watch,
                        new UnreadAnswers(limits.unreadBytes(), metrics),
                        quotas);
        metadata.loop().runNowOrLater(() -> metadata.addListener(watch));
    }

    /** Returns the watched partitions. Only on the fetch node's loop. */
    PartitionWatch watch() {
        return shared.watch();
    }

    /** Returns the open sessions. Only on the fetch node's loop. */
    FetchSessions sessions() {
        return shared.sessions();
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.FETCH;
    }

    @Override
    public CompletableFuture<FetchResponseData> handle(
            RequestContext context, FetchRequestData request) {
        PendingFetch fetch = new PendingFetch(shared, context, request);
        context.whenEnded(() -> shared.loop().runNowOrLater(fetch::ended));
        shared.loop().runNowOrLater(fetch::start);
        return fetch.result();
    }
}
