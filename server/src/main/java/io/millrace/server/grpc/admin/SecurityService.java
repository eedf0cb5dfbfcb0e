package io.millrace.server.grpc.admin;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.AclAdmin;
import io.millrace.metadata.admin.QuotaAdmin;
import io.millrace.metadata.admin.ScramAdmin;
import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.AclMessages;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.QuotaMessages;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMessages;
import io.millrace.protocol.v1.ChangeAclsRequest;
import io.millrace.protocol.v1.ChangeAclsResponse;
import io.millrace.protocol.v1.ChangeQuotasRequest;
import io.millrace.protocol.v1.ChangeQuotasResponse;
import io.millrace.protocol.v1.ChangeScramCredentialsRequest;
import io.millrace.protocol.v1.ChangeScramCredentialsResponse;
import io.millrace.protocol.v1.ListAclsRequest;
import io.millrace.protocol.v1.ListAclsResponse;
import io.millrace.protocol.v1.ListQuotasRequest;
import io.millrace.protocol.v1.ListQuotasResponse;
import io.millrace.protocol.v1.ListScramCredentialsRequest;
import io.millrace.protocol.v1.ListScramCredentialsResponse;
import io.millrace.protocol.v1.SecurityGrpc;
import io.millrace.protocol.v1.TestAclRequest;
import io.millrace.protocol.v1.TestAclResponse;
import io.millrace.protocol.v1.TestAclResponse.Cause;
import io.millrace.security.principal.Principal;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.call.UnaryCall;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The service for ACLs, quotas and SCRAM credentials of the gRPC API. */
public final class SecurityService implements GrpcService {

    private final Metadata metadata;
    private final AclAdmin acls;
    private final QuotaAdmin quotas;
    private final ScramAdmin scram;
    private final AccessTest access;

    /**
     * @param access the rules that the node enforces, as of the metadata
     */
    public SecurityService(Metadata metadata, AccessTest access) {
        this.metadata = metadata;
        this.acls = new AclAdmin(metadata);
        this.quotas = new QuotaAdmin(metadata);
        this.scram = new ScramAdmin(metadata);
        this.access = access;
    }

    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(SecurityGrpc.getServiceDescriptor())
                .method(
                        SecurityGrpc.getListAclsMethod(),
                        RequestMarshaller.of(ListAclsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ListAclsResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::listAcls))
                .method(
                        SecurityGrpc.getChangeAclsMethod(),
                        RequestMarshaller.of(ChangeAclsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ChangeAclsResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::changeAcls))
                .method(
                        SecurityGrpc.getTestAclMethod(),
                        RequestMarshaller.of(TestAclRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(TestAclResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::testAcl))
                .method(
                        SecurityGrpc.getListQuotasMethod(),
                        RequestMarshaller.of(ListQuotasRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ListQuotasResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::listQuotas))
                .method(
                        SecurityGrpc.getChangeQuotasMethod(),
                        RequestMarshaller.of(ChangeQuotasRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ChangeQuotasResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::changeQuotas))
                .method(
                        SecurityGrpc.getListScramCredentialsMethod(),
                        RequestMarshaller.of(ListScramCredentialsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ListScramCredentialsResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::listScramCredentials))
                .method(
                        SecurityGrpc.getChangeScramCredentialsMethod(),
                        RequestMarshaller.of(ChangeScramCredentialsRequest.getDefaultInstance()),
                        ProtoUtils.marshaller(ChangeScramCredentialsResponse.getDefaultInstance()),
                        UnaryCall.handler(metadata.loop(), this::changeScramCredentials))
                .bind();
    }

    @Override
    public Audience audience() {
        return Audience.CLIENTS;
    }

    private CompletableFuture<ListAclsResponse> listAcls(ListAclsRequest request) {
        return acls.list(
                        AclMessages.fromMessage(request.getFilter()),
                        request.getPageToken(),
                        request.getPageSize())
                .thenApply(page ->
                        ListAclsResponse.newBuilder()
                                .addAllAcls(
                                        page.rows().stream().map(AclMessages::toMessage).toList())
                                .setNextPageToken(page.next())
                                .build());
    }

    private CompletableFuture<ChangeAclsResponse> changeAcls(ChangeAclsRequest request) {
        return acls.change(
                        request.getAddList().stream().map(AclMessages::fromMessage).toList(),
                        request.getRemoveList().stream().map(AclMessages::fromMessage).toList())
                .thenApply(done -> ChangeAclsResponse.getDefaultInstance());
    }

    private CompletableFuture<TestAclResponse> testAcl(TestAclRequest request) {
        String host = request.getHost().isEmpty() ? "" : AclAdmin.canonicalHost(request.getHost());
        Operation operation = AclMessages.operation(request.getOperationValue());
        ResourceType type = AclMessages.type(request.getTypeValue());
        // A negative answer requires a barrier.
        return metadata.barrier()
                .thenApply(current ->
                        toMessage(
                                access.decide(
                                        request.getPrincipal(),
                                        host,
                                        operation,
                                        type,
                                        request.getName())));
    }

    private static TestAclResponse toMessage(AccessDecision decision) {
        TestAclResponse.Builder response =
                TestAclResponse.newBuilder()
                        .setAllowed(decision.allowed())
                        .setCause(causeOf(decision));
        switch (decision) {
            case AccessDecision.AllowedBy(var acl) -> response.setAcl(AclMessages.toMessage(acl));
            case AccessDecision.DeniedBy(var acl) -> response.setAcl(AclMessages.toMessage(acl));
            case AccessDecision.NotAllowed _,
                    AccessDecision.AllowedToSuperuser _,
                    AccessDecision.NotEnforced _ -> {
                // No ACL decides.
            }
        }
        return response.build();
    }

    private static Cause causeOf(AccessDecision decision) {
        return switch (decision) {
            case AccessDecision.AllowedBy _, AccessDecision.DeniedBy _ -> Cause.ACL;
            case AccessDecision.NotAllowed _ -> Cause.NO_ACL;
            case AccessDecision.AllowedToSuperuser _ -> Cause.SUPERUSER;
            case AccessDecision.NotEnforced _ -> Cause.NOT_ENFORCED;
        };
    }

    private CompletableFuture<ListQuotasResponse> listQuotas(ListQuotasRequest request) {
        return quotas.list(request.getPageToken(), request.getPageSize())
                .thenApply(page ->
                        ListQuotasResponse.newBuilder()
                                .addAllQuotas(
                                        page.rows().stream().map(QuotaMessages::toMessage).toList())
                                .setNextPageToken(page.next())
                                .build());
    }

    private CompletableFuture<ChangeQuotasResponse> changeQuotas(ChangeQuotasRequest request) {
        return quotas.change(
                        request.getSetList().stream().map(QuotaMessages::fromMessage).toList(),
                        request.getRemoveList().stream().map(QuotaMessages::keyOf).toList())
                .thenApply(done -> ChangeQuotasResponse.getDefaultInstance());
    }

    private CompletableFuture<ListScramCredentialsResponse> listScramCredentials(
            ListScramCredentialsRequest request) {
        return scram.list(request.getPageToken(), request.getPageSize())
                .thenApply(page ->
                        ListScramCredentialsResponse.newBuilder()
                                .addAllCredentials(
                                        page.rows().stream()
                                                .map(row ->
                                                        ScramMessages.toMessage(
                                                                row.name(), row.iterations()))
                                                .toList())
                                .setNextPageToken(page.next())
                                .build());
    }

    private CompletableFuture<ChangeScramCredentialsResponse> changeScramCredentials(
            ChangeScramCredentialsRequest request) {
        List<SaltedPassword> set =
                request.getSetList().stream().map(ScramMessages::fromMessage).toList();
        for (SaltedPassword password : set) {
            if (Principal.authenticated(password.name().user()).isEmpty()) {
                throw new ProblemException(
                        new Problem(
                                Reason.MALFORMED_REQUEST,
                                "The name of a user is empty, reserved, or longer than %d characters."
                                        .formatted(Principal.MAX_NAME_CHARS)));
            }
        }
        return scram.change(
                        set, request.getRemoveList().stream().map(ScramMessages::nameOf).toList())
                .thenApply(done -> ChangeScramCredentialsResponse.getDefaultInstance());
    }
}
