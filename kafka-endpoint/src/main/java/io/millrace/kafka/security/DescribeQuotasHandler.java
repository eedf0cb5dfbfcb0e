package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.Quota;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntityData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntryData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.ValueData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Lists the quotas of bytes that match a filter. Those of requests have no name in Kafka. */
public final class DescribeQuotasHandler
        implements ApiHandler<DescribeClientQuotasRequestData, DescribeClientQuotasResponseData> {

    private final Metadata metadata;

    public DescribeQuotasHandler(Metadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_CLIENT_QUOTAS;
    }

    @Override
    public CompletableFuture<DescribeClientQuotasResponseData> handle(
            RequestContext context, DescribeClientQuotasRequestData request) {
        QuotaFilter filter = new QuotaFilter(request);
        Optional<ApiFailure> refusal =
                context.authorize(
                                Operation.DESCRIBE_CONFIGS,
                                ResourceType.CLUSTER,
                                ResourceType.CLUSTER_NAME)
                        ? filter.violation()
                        : Optional.of(ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED));
        if (refusal.isPresent()) {
            return CompletableFuture.completedFuture(failed(refusal.get().counted(context)));
        }
        return metadata.barrier()
                .thenApply(current -> described(filter))
                .exceptionally(thrown -> failed(ApiFailure.of(context, thrown)));
    }

    private DescribeClientQuotasResponseData described(QuotaFilter filter) {
        Map<String, EntryData> entries = new LinkedHashMap<>();
        for (Quota quota : metadata.quotas().all()) {
            Optional<String> key = QuotaFields.keyOf(quota.key().kind());
            if (key.isPresent()
                    && QuotaFields.isOfUser(quota.key())
                    && filter.matches(quota.key())) {
                entries.computeIfAbsent(quota.key().principal(), added -> entry(quota))
                        .values()
                        .add(new ValueData().setKey(key.get()).setValue(quota.perSecond()));
            }
        }
        return new DescribeClientQuotasResponseData()
                .setErrorMessage(null)
                .setEntries(new ArrayList<>(entries.values()));
    }

    private static EntryData entry(Quota quota) {
        return new EntryData()
                .setEntity(
                        List.of(
                                new EntityData()
                                        .setEntityType(QuotaFields.USER)
                                        .setEntityName(
                                                QuotaFields.userOf(quota.key()).orElse(null))));
    }

    private static DescribeClientQuotasResponseData failed(ApiFailure why) {
        return new DescribeClientQuotasResponseData()
                .setErrorCode(why.error().code())
                .setErrorMessage(why.message())
                .setEntries(null);
    }
}
