package io.millrace.metadata.acl;

import io.millrace.metadata.persistent.PrefixTree;
import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An index of ACLs that decides accesses, with the semantics of Kafka: an ACL that denies wins, and
 * an access without an ACL is denied. Immutable; any thread. A changed copy takes time linear in
 * the lengths of principal and name, a decision in the length of the name, and neither depends on
 * the number of ACLs.
 */
public final class AclIndex {

    static final AclIndex EMPTY = new AclIndex(PrefixTree.empty());

    private final PrefixTree<PrincipalAcls> principals;
    private final PrincipalAcls everyone;

    private AclIndex(PrefixTree<PrincipalAcls> principals) {
        this.principals = principals;
        this.everyone = of(principals, Acl.ANY_PRINCIPAL);
    }

    private static PrincipalAcls of(PrefixTree<PrincipalAcls> all, String principal) {
        PrincipalAcls known = all.find(principal);
        return known == null ? PrincipalAcls.NONE : known;
    }

    /**
     * @param acl an ACL that is not contained
     */
    AclIndex with(Acl acl) {
        String principal = acl.principal();
        return new AclIndex(principals.with(principal, of(principals, principal).with(acl)));
    }

    /**
     * @param acl an ACL that is contained
     */
    AclIndex without(Acl acl) {
        String principal = acl.principal();
        PrincipalAcls rest = of(principals, principal).without(acl);
        return new AclIndex(
                rest.isEmpty() ? principals.without(principal) : principals.with(principal, rest));
    }

    /**
     * Returns whether a principal may do an operation. Allocates nothing.
     *
     * @param host the IP address of the client; empty if unknown, which matches only ACLs for all
     *     hosts
     * @param name the name of a resource
     */
    public boolean allows(
            String principal, String host, Operation operation, ResourceType type, String name) {
        TypeAcls own = of(principals, principal).of(type);
        TypeAcls shared = everyone.of(type);
        return find(Permission.DENY, own, shared, host, operation, name) == null
                && find(Permission.ALLOW, own, shared, host, operation, name) != null;
    }

    /** Returns the result of {@link #allows} with the ACL that decides. */
    public AccessDecision decide(
            String principal, String host, Operation operation, ResourceType type, String name) {
        TypeAcls own = of(principals, principal).of(type);
        TypeAcls shared = everyone.of(type);
        PatternAcls denying = find(Permission.DENY, own, shared, host, operation, name);
        if (denying != null) {
            return new AccessDecision.DeniedBy(denying.acl(Permission.DENY, host, operation));
        }
        PatternAcls allowing = find(Permission.ALLOW, own, shared, host, operation, name);
        return allowing == null
                ? new AccessDecision.NotAllowed()
                : new AccessDecision.AllowedBy(allowing.acl(Permission.ALLOW, host, operation));
    }

    private static @Nullable PatternAcls find(
            Permission permission,
            TypeAcls own,
            TypeAcls shared,
            String host,
            Operation operation,
            String name) {
        PatternAcls found = own.find(permission, host, operation, name);
        return found != null ? found : shared.find(permission, host, operation, name);
    }

    /**
     * Returns whether a principal may do an operation on at least one resource of a type, such as
     * write to any topic. Costs the number of the principal's ACLs in the worst case.
     */
    public boolean allowsAny(
            String principal, String host, Operation operation, ResourceType type) {
        TypeAcls own = of(principals, principal).of(type);
        TypeAcls shared = everyone.of(type);
        if (own.findAny(Permission.DENY, host, operation) != null
                || shared.findAny(Permission.DENY, host, operation) != null) {
            return false;
        }
        Predicate<ResourcePattern> isEffective =
                pattern -> isEffective(pattern, own, shared, host, operation);
        return own.anyAllowing(host, operation, isEffective)
                || shared.anyAllowing(host, operation, isEffective);
    }

    /** Returns whether denials leave a name of a pattern whose ACLs allow an operation. */
    private static boolean isEffective(
            ResourcePattern pattern,
            TypeAcls own,
            TypeAcls shared,
            String host,
            Operation operation) {
        String name = pattern.name();
        return switch (pattern.match()) {
            case LITERAL ->
                    name.equals(ResourcePattern.ANY)
                            || find(Permission.DENY, own, shared, host, operation, name) == null;
            case PREFIXED ->
                    own.findWide(Permission.DENY, host, operation, name) == null
                            && shared.findWide(Permission.DENY, host, operation, name) == null;
        };
    }
}
