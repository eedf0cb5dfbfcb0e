package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.QuotaAdmin;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Changes the quotas of users, each user with a result of its own. */
public final class AlterQuotasHandler
        implements ApiHandler<AlterClientQuotasRequestData, AlterClientQuotasResponseData> {

    private final Metadata metadata;
    private final QuotaAdmin quotas;

    public AlterQuotasHandler(Metadata metadata, QuotaAdmin quotas) {
        this.metadata = metadata;
        this.quotas = quotas;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ALTER_CLIENT_QUOTAS;
    }

    @Override
    public CompletableFuture<AlterClientQuotasResponseData> handle(
            RequestContext context, AlterClientQuotasRequestData request) {
        boolean mayAlter =
                context.authorize(
                        Operation.ALTER_CONFIGS, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
        List<CompletableFuture<AlterClientQuotasResponseData.EntryData>> results =
                new ArrayList<>();
        for (AlterClientQuotasRequestData.EntryData entry : request.entries()) {
            CompletableFuture<Optional<ApiFailure>> result =
                    mayAlter
                            ? alter(context, entry, request.validateOnly())
                            : CompletableFuture.completedFuture(
                                    Optional.of(
                                            ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED)
                                                    .counted(context)));
            results.add(result.thenApply(failure -> toWire(entry, failure)));
        }
        return LoopCalls.all(results)
                .thenApply(all -> new AlterClientQuotasResponseData().setEntries(all));
    }

    private CompletableFuture<Optional<ApiFailure>> alter(
            RequestContext context,
            AlterClientQuotasRequestData.EntryData entry,
            boolean validateOnly) {
        return switch (QuotaFields.change(entry)) {
            case QuotaFields.Change.Illegal(ApiFailure why) ->
                    CompletableFuture.completedFuture(Optional.of(why.counted(context)));
            case QuotaFields.Change.Legal _ when validateOnly ->
                    CompletableFuture.completedFuture(Optional.empty());
            case QuotaFields.Change.Legal(var set, var removed) ->
                    LoopCalls.call(metadata.loop(), () -> quotas.change(set, removed))
                            .handle((changed, thrown) ->
                                    thrown == null
                                            ? Optional.empty()
                                            : Optional.of(ApiFailure.of(context, thrown)));
        };
    }

    private static AlterClientQuotasResponseData.EntryData toWire(
            AlterClientQuotasRequestData.EntryData entry, Optional<ApiFailure> failure) {
        return new AlterClientQuotasResponseData.EntryData()
                .setErrorCode(failure.map(why -> why.error().code()).orElse((short) 0))
                .setErrorMessage(failure.map(ApiFailure::message).orElse(null))
                .setEntity(
                        entry.entity().stream()
                                .map(entity ->
                                        new AlterClientQuotasResponseData.EntityData()
                                                .setEntityType(entity.entityType())
                                                .setEntityName(entity.entityName()))
                                .toList());
    }
}
