package io.millrace.metadata.acl;

import io.millrace.metadata.persistent.PrefixTree;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The ACLs of one principal and resource type. Immutable. A search allocates nothing. */
final class TypeAcls {

    static final TypeAcls NONE =
            new TypeAcls(PrefixTree.empty(), 0, new int[Operation.values().length]);

    private final PrefixTree<NameAcls> names;
    private final int denials;

    /** For each operation the number of ACLs that allow it. */
    private final int[] allowances;

    private TypeAcls(PrefixTree<NameAcls> names, int denials, int[] allowances) {
        this.names = names;
        this.denials = denials;
        this.allowances = allowances;
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    /**
     * @param acl an ACL that is not contained
     */
    TypeAcls with(Acl acl) {
        return changed(acl, named(acl).with(patternAcls(acl).with(acl)), 1);
    }

    /**
     * @param acl an ACL that is contained
     */
    TypeAcls without(Acl acl) {
        return changed(acl, named(acl).with(patternAcls(acl).without(acl)), -1);
    }

    private NameAcls named(Acl acl) {
        NameAcls known = names.find(acl.resource().name());
        return known == null ? NameAcls.NONE : known;
    }

    private PatternAcls patternAcls(Acl acl) {
        return named(acl).of(acl.principal(), acl.resource());
    }

    private TypeAcls changed(Acl acl, NameAcls changed, int count) {
        String name = acl.resource().name();
        PrefixTree<NameAcls> rest =
                changed.isEmpty() ? names.without(name) : names.with(name, changed);
        return switch (acl.permission()) {
            case DENY -> new TypeAcls(rest, denials + count, allowances);
            case ALLOW -> {
                int[] counts = Arrays.copyOf(allowances, allowances.length);
                counts[acl.operation().ordinal()] += count;
                yield new TypeAcls(rest, denials, counts);
            }
        };
    }

    /**
     * Searches ACLs with an effect on an access, in one walk over the prefixes of the name.
     *
     * @return the ACLs of a matching pattern; null if there is none
     */
    @Nullable PatternAcls find(
            Permission permission, String host, Operation operation, String name) {
        if (permission == Permission.DENY && denials == 0) {
            return null;
        }
        NameAcls exact = names.find(name);
        PatternAcls found = exact == null ? null : exact.literal(permission, host, operation);
        return found != null ? found : findWide(permission, host, operation, name);
    }

    /** Searches only patterns that match more than one name. */
    @Nullable PatternAcls findWide(
            Permission permission, String host, Operation operation, String name) {
        PrefixTree.Node<NameAcls> node = names.root();
        for (int at = 0; node != null; ) {
            NameAcls here = node.value();
            PatternAcls found = here == null ? null : here.prefixed(permission, host, operation);
            if (found != null) {
                return found;
            }
            node = node.next(name, at);
            at += node == null ? 0 : node.label().length();
        }
        return findAny(permission, host, operation);
    }

    /** Searches only the pattern of all names. */
    @Nullable PatternAcls findAny(Permission permission, String host, Operation operation) {
        NameAcls any = names.find(ResourcePattern.ANY);
        return any == null ? null : any.literal(permission, host, operation);
    }

    /** Returns whether a pattern with ACLs that allow an operation passes a test. */
    boolean anyAllowing(String host, Operation operation, Predicate<ResourcePattern> test) {
        return mayAllow(operation)
                && names.anyMatch(here -> {
                    PatternAcls literal = here.literal(Permission.ALLOW, host, operation);
                    PatternAcls prefixed = here.prefixed(Permission.ALLOW, host, operation);
                    return (literal != null && test.test(literal.pattern()))
                            || (prefixed != null && test.test(prefixed.pattern()));
                });
    }

    /** Spares the walk over all names for a principal that has no such right. */
    private boolean mayAllow(Operation operation) {
        OperationMasks allowed = OperationMasks.NONE;
        for (Operation each : Operation.values()) {
            if (allowances[each.ordinal()] > 0) {
                allowed = allowed.with(each, Permission.ALLOW);
            }
        }
        return allowed.has(Permission.ALLOW, operation);
    }
}
