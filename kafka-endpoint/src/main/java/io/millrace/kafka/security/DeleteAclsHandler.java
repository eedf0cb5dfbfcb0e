package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.AclAdmin;
import io.millrace.metadata.command.SecurityLimits;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData.DeleteAclsFilter;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsFilterResult;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsMatchingAcl;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Deletes the ACLs that match filters. */
public final class DeleteAclsHandler
        implements ApiHandler<DeleteAclsRequestData, DeleteAclsResponseData> {

    private final Metadata metadata;
    private final AclAdmin acls;
    private final AclPages pages;

    public DeleteAclsHandler(Metadata metadata, AclAdmin acls) {
        this.metadata = metadata;
        this.acls = acls;
        this.pages = new AclPages(acls);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_ACLS;
    }

    @Override
    public CompletableFuture<DeleteAclsResponseData> handle(
            RequestContext context, DeleteAclsRequestData request) {
        boolean mayAlter =
                context.authorize(Operation.ALTER, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
        List<DeleteAclsFilterResult> results = new ArrayList<>();
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        for (DeleteAclsFilter filter : request.filters()) {
            if (mayAlter) {
                // One after the other, so that an ACL counts for the first filter only.
                done = done.thenCompose(before -> delete(context, filter)).thenAccept(results::add);
            } else {
                results.add(
                        failed(
                                ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED)
                                        .counted(context)));
            }
        }
        return done.thenApply(all -> new DeleteAclsResponseData().setFilterResults(results));
    }

    private CompletableFuture<DeleteAclsFilterResult> delete(
            RequestContext context, DeleteAclsFilter filter) {
        return LoopCalls.call(
                        metadata.loop(),
                        () ->
                                pages.all(AclFields.filter(filter))
                                        .thenCompose(found ->
                                                delete(found, 0).thenApply(deleted -> found)))
                .thenApply(DeleteAclsHandler::toWire)
                .exceptionally(thrown -> failed(ApiFailure.of(context, thrown)));
    }

    private CompletableFuture<Void> delete(List<Acl> found, int from) {
        if (from >= found.size()) {
            return CompletableFuture.completedFuture(null);
        }
        int to = Math.min(found.size(), from + SecurityLimits.MAX_CHANGES);
        return acls.change(List.of(), found.subList(from, to))
                .thenCompose(deleted -> delete(found, to));
    }

    private static DeleteAclsFilterResult failed(ApiFailure why) {
        return new DeleteAclsFilterResult()
                .setErrorCode(why.error().code())
                .setErrorMessage(why.message());
    }

    private static DeleteAclsFilterResult toWire(List<Acl> deleted) {
        return new DeleteAclsFilterResult()
                .setErrorMessage(null)
                .setMatchingAcls(
                        deleted.stream()
                                .map(acl ->
                                        new DeleteAclsMatchingAcl()
                                                .setErrorMessage(null)
                                                .setResourceType(
                                                        (byte) acl.resource().type().code())
                                                .setResourceName(acl.resource().name())
                                                .setPatternType(
                                                        (byte) acl.resource().match().code())
                                                .setPrincipal(acl.principal())
                                                .setHost(acl.host())
                                                .setOperation((byte) acl.operation().code())
                                                .setPermissionType((byte) acl.permission().code()))
                                .toList());
    }
}
