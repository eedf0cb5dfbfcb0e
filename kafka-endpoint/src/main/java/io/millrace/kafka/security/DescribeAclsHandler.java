package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.LoopCalls;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.AclAdmin;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.message.DescribeAclsResponseData.AclDescription;
import org.apache.kafka.common.message.DescribeAclsResponseData.DescribeAclsResource;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Lists the ACLs that match a filter. */
public final class DescribeAclsHandler
        implements ApiHandler<DescribeAclsRequestData, DescribeAclsResponseData> {

    private final Metadata metadata;
    private final AclPages pages;

    public DescribeAclsHandler(Metadata metadata, AclAdmin acls) {
        this.metadata = metadata;
        this.pages = new AclPages(acls);
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_ACLS;
    }

    @Override
    public CompletableFuture<DescribeAclsResponseData> handle(
            RequestContext context, DescribeAclsRequestData request) {
        if (!context.authorize(
                Operation.DESCRIBE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            return CompletableFuture.completedFuture(
                    failed(
                            ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED)
                                    .counted(context)));
        }
        return LoopCalls.call(metadata.loop(), () -> pages.all(AclFields.filter(request)))
                .thenApply(DescribeAclsHandler::toWire)
                .exceptionally(thrown -> failed(ApiFailure.of(context, thrown)));
    }

    private static DescribeAclsResponseData failed(ApiFailure why) {
        return new DescribeAclsResponseData()
                .setErrorCode(why.error().code())
                .setErrorMessage(why.message());
    }

    private static DescribeAclsResponseData toWire(List<Acl> acls) {
        Map<ResourcePattern, List<AclDescription>> byResource = new LinkedHashMap<>();
        for (Acl acl : acls) {
            byResource
                    .computeIfAbsent(acl.resource(), added -> new ArrayList<>())
                    .add(
                            new AclDescription()
                                    .setPrincipal(acl.principal())
                                    .setHost(acl.host())
                                    .setOperation((byte) acl.operation().code())
                                    .setPermissionType((byte) acl.permission().code()));
        }
        DescribeAclsResponseData answer = new DescribeAclsResponseData().setErrorMessage(null);
        byResource.forEach((resource, descriptions) ->
                answer.resources()
                        .add(
                                new DescribeAclsResource()
                                        .setResourceType((byte) resource.type().code())
                                        .setResourceName(resource.name())
                                        .setPatternType((byte) resource.match().code())
                                        .setAcls(descriptions)));
        return answer;
    }
}
