package io.millrace.client.admin;

import io.millrace.client.cluster.AnyNodeCaller;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.AclFilter;
import io.millrace.protocol.acl.AclMessages;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ChangeAclsRequest;
import io.millrace.protocol.v1.ListAclsRequest;
import io.millrace.protocol.v1.ListAclsResponse;
import io.millrace.protocol.v1.SecurityGrpc;
import io.millrace.protocol.v1.TestAclRequest;
import io.millrace.protocol.v1.TestAclResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Administers ACLs. Thread-safe. Throws {@link MillraceException}s. */
public final class AclOperations {

    /** The maximum number of ACLs that are changed together. */
    public static final int MAX_CHANGES = 1_000;

    private final AnyNodeCaller node;
    private final Duration timeout;

    public AclOperations(AnyNodeCaller node, Duration timeout) {
        this.node = node;
        this.timeout = timeout;
    }

    /** Returns the ACLs that match a filter, by resource type, resource name and principal. */
    public List<Acl> list(AclFilter filter) {
        return await(listAsync(filter));
    }

    public CompletableFuture<List<Acl>> listAsync(AclFilter filter) {
        List<Acl> acls = new ArrayList<>();
        return Pages.forEach(
                        token ->
                                node.query(
                                        SecurityGrpc.getListAclsMethod(),
                                        ListAclsRequest.newBuilder()
                                                .setFilter(AclMessages.toMessage(filter))
                                                .setPageToken(token)
                                                .build(),
                                        timeout),
                        page ->
                                page.getAclsList().stream()
                                        .map(AclOperations::decoded)
                                        .forEach(acls::add),
                        ListAclsResponse::getNextPageToken)
                .thenApply(done -> acls);
    }

    /**
     * Removes and then adds ACLs, all or none. An ACL that exists is not added again, and one that
     * does not exist is not removed.
     *
     * @param add together with {@code remove} at most {@link #MAX_CHANGES}
     */
    public void change(Collection<Acl> add, Collection<Acl> remove) {
        await(changeAsync(add, remove));
    }

    public CompletableFuture<Void> changeAsync(Collection<Acl> add, Collection<Acl> remove) {
        ChangeAclsRequest request =
                ChangeAclsRequest.newBuilder()
                        .addAllAdd(add.stream().map(AclMessages::toMessage).toList())
                        .addAllRemove(remove.stream().map(AclMessages::toMessage).toList())
                        .build();
        return node.change(SecurityGrpc.getChangeAclsMethod(), request, timeout, "change ACLs")
                .thenAccept(response -> {});
    }

    /**
     * Returns the decision of a node about an access.
     *
     * @param host the IP address of the client; empty for an unknown one, which only ACLs for all
     *     hosts match
     * @param name the name of a resource, which need not exist
     */
    public AccessDecision test(
            String principal, String host, Operation operation, ResourceType type, String name) {
        return await(testAsync(principal, host, operation, type, name));
    }

    public CompletableFuture<AccessDecision> testAsync(
            String principal, String host, Operation operation, ResourceType type, String name) {
        TestAclRequest request =
                TestAclRequest.newBuilder()
                        .setPrincipal(principal)
                        .setHost(host)
                        .setOperationValue(operation.code())
                        .setTypeValue(type.code())
                        .setName(name)
                        .build();
        return node.query(SecurityGrpc.getTestAclMethod(), request, timeout)
                .thenApply(AclOperations::decision);
    }

    private static AccessDecision decision(TestAclResponse response) {
        return switch (response.getCause()) {
            case ACL -> {
                Acl acl = decoded(response.getAcl());
                yield response.getAllowed()
                        ? new AccessDecision.AllowedBy(acl)
                        : new AccessDecision.DeniedBy(acl);
            }
            case NO_ACL -> new AccessDecision.NotAllowed();
            case SUPERUSER -> new AccessDecision.AllowedToSuperuser();
            case NOT_ENFORCED -> new AccessDecision.NotEnforced();
            case CAUSE_UNSPECIFIED, UNRECOGNIZED ->
                    throw newer("The server names an unknown cause of its decision");
        };
    }

    private static Acl decoded(io.millrace.protocol.v1.Acl acl) {
        try {
            return AclMessages.fromMessage(acl);
        } catch (ProblemException unknown) {
            throw newer("The server has an ACL with a value that this client does not know");
        }
    }

    private static MillraceException newer(String what) {
        return new MillraceException.Rejected(
                new Problem(Reason.INTERNAL_ERROR, what + ": use a newer version of the client."));
    }

    private <T> T await(CompletableFuture<T> future) {
        return UnaryCalls.await(future, timeout.plusSeconds(1), "The request");
    }
}
