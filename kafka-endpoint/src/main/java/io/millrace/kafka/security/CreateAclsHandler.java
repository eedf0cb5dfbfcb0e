package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.AclAdmin;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsRequestData.AclCreation;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreateAclsResponseData.AclCreationResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Creates ACLs, each with a result of its own. */
public final class CreateAclsHandler
        implements ApiHandler<CreateAclsRequestData, CreateAclsResponseData> {

    private final Metadata metadata;
    private final AclAdmin acls;

    public CreateAclsHandler(Metadata metadata, AclAdmin acls) {
        this.metadata = metadata;
        this.acls = acls;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CREATE_ACLS;
    }

    @Override
    public CompletableFuture<CreateAclsResponseData> handle(
            RequestContext context, CreateAclsRequestData request) {
        boolean mayAlter =
                context.authorize(Operation.ALTER, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
        List<CompletableFuture<AclCreationResult>> results = new ArrayList<>();
        for (AclCreation creation : request.creations()) {
            results.add(
                    mayAlter
                            ? create(context, creation)
                            : CompletableFuture.completedFuture(
                                    failed(
                                            ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED)
                                                    .counted(context))));
        }
        return LoopCalls.all(results)
                .thenApply(all -> new CreateAclsResponseData().setResults(all));
    }

    private CompletableFuture<AclCreationResult> create(
            RequestContext context, AclCreation creation) {
        return LoopCalls.call(
                        metadata.loop(),
                        () -> acls.change(List.of(AclFields.acl(creation)), List.of()))
                .handle((created, thrown) ->
                        thrown == null
                                ? new AclCreationResult().setErrorMessage(null)
                                : failed(ApiFailure.of(context, thrown)));
    }

    private static AclCreationResult failed(ApiFailure why) {
        return new AclCreationResult()
                .setErrorCode(why.error().code())
                .setErrorMessage(why.message());
    }
}
