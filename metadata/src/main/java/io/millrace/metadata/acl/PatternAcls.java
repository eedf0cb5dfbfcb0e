package io.millrace.metadata.acl;

import io.millrace.metadata.persistent.PrefixTree;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;

/**
 * The ACLs of one principal and pattern.
 *
 * @param everywhere the operations of the ACLs for all hosts
 * @param byHost the operations of the ACLs for a host, by host; never empty masks
 */
record PatternAcls(
        String principal,
        ResourcePattern pattern,
        OperationMasks everywhere,
        PrefixTree<OperationMasks> byHost) {

    static PatternAcls none(String principal, ResourcePattern pattern) {
        return new PatternAcls(principal, pattern, OperationMasks.NONE, PrefixTree.empty());
    }

    boolean isEmpty() {
        return everywhere.isEmpty() && byHost.isEmpty();
    }

    PatternAcls with(Acl acl) {
        return changed(acl.host(), at(acl.host()).with(acl.operation(), acl.permission()));
    }

    PatternAcls without(Acl acl) {
        return changed(acl.host(), at(acl.host()).without(acl.operation(), acl.permission()));
    }

    private PatternAcls changed(String host, OperationMasks masks) {
        if (host.equals(Acl.ANY_HOST)) {
            return new PatternAcls(principal, pattern, masks, byHost);
        }
        return new PatternAcls(
                principal,
                pattern,
                everywhere,
                masks.isEmpty() ? byHost.without(host) : byHost.with(host, masks));
    }

    private OperationMasks at(String host) {
        if (host.equals(Acl.ANY_HOST)) {
            return everywhere;
        }
        OperationMasks known = byHost.find(host);
        return known == null ? OperationMasks.NONE : known;
    }

    /** Returns whether an ACL has an effect on an operation from a host. */
    boolean has(Permission permission, String host, Operation operation) {
        return everywhere.has(permission, operation) || at(host).has(permission, operation);
    }

    /** Returns an ACL that {@link #has} the effect. */
    Acl acl(Permission permission, String host, Operation operation) {
        boolean fromAny = everywhere.has(permission, operation);
        OperationMasks masks = fromAny ? everywhere : at(host);
        return new Acl(
                principal,
                fromAny ? Acl.ANY_HOST : host,
                masks.deciding(permission, operation),
                permission,
                pattern);
    }
}
