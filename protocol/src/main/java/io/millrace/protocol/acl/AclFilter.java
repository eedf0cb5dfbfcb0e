package io.millrace.protocol.acl;

import java.util.Optional;

/**
 * A filter of ACLs, with the meaning of Kafka's {@code AclBindingFilter}. An empty component
 * matches all values.
 *
 * @param name a resource name or pattern, compared as {@code names} says
 * @param principal the exact principal of the ACL; {@link Acl#ANY_PRINCIPAL} only finds ACLs for
 *     all principals
 * @param host the exact host of the ACL; {@link Acl#ANY_HOST} only finds ACLs for all hosts
 */
public record AclFilter(
        Optional<ResourceType> type,
        Names names,
        Optional<String> name,
        Optional<String> principal,
        Optional<String> host,
        Optional<Operation> operation,
        Optional<Permission> permission) {

    /** A filter of all ACLs. */
    public static final AclFilter ALL =
            new AclFilter(
                    Optional.empty(),
                    Names.ANY,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /** A comparison of the name of a filter with the patterns of ACLs. */
    public enum Names {
        /** Finds literal and prefixed patterns with exactly this name. */
        ANY,
        /** Finds all patterns that match a resource of this name. */
        MATCH,
        /** Finds literal patterns with exactly this name. */
        LITERAL,
        /** Finds prefixed patterns with exactly this name. */
        PREFIXED
    }

    /** Returns this filter for resources of a type. */
    public AclFilter ofType(ResourceType wanted) {
        return new AclFilter(
                Optional.of(wanted), names, name, principal, host, operation, permission);
    }

    /** Returns this filter for patterns of a name. */
    public AclFilter named(Names how, String wanted) {
        return new AclFilter(
                type, how, Optional.of(wanted), principal, host, operation, permission);
    }

    /** Returns this filter for the ACLs of a principal. */
    public AclFilter ofPrincipal(String wanted) {
        return new AclFilter(type, names, name, Optional.of(wanted), host, operation, permission);
    }

    /** Returns this filter for the ACLs of a host. */
    public AclFilter ofHost(String wanted) {
        return new AclFilter(
                type, names, name, principal, Optional.of(wanted), operation, permission);
    }

    /** Returns this filter for the ACLs of an operation. */
    public AclFilter ofOperation(Operation wanted) {
        return new AclFilter(type, names, name, principal, host, Optional.of(wanted), permission);
    }

    /** Returns this filter for the ACLs with an effect. */
    public AclFilter ofPermission(Permission wanted) {
        return new AclFilter(type, names, name, principal, host, operation, Optional.of(wanted));
    }

    public boolean matches(Acl acl) {
        return matches(type, acl.resource().type())
                && matches(principal, acl.principal())
                && matches(host, acl.host())
                && matches(operation, acl.operation())
                && matches(permission, acl.permission())
                && matches(acl.resource());
    }

    private boolean matches(ResourcePattern resource) {
        return switch (names) {
            case ANY -> matches(name, resource.name());
            case MATCH -> name.isEmpty() || resource.matches(name.get());
            case LITERAL ->
                    resource.match() == ResourcePattern.Match.LITERAL
                            && matches(name, resource.name());
            case PREFIXED ->
                    resource.match() == ResourcePattern.Match.PREFIXED
                            && matches(name, resource.name());
        };
    }

    private static <T> boolean matches(Optional<T> wanted, T value) {
        return wanted.isEmpty() || wanted.get().equals(value);
    }
}
