package io.millrace.metadata.acl;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import org.jspecify.annotations.Nullable;

/**
 * The ACLs of one principal and resource type whose patterns have one name.
 *
 * @param literal the ACLs for the resource of the name; null for none
 * @param prefixed the ACLs for the resources whose names start with the name; null for none
 */
record NameAcls(@Nullable PatternAcls literal, @Nullable PatternAcls prefixed) {

    static final NameAcls NONE = new NameAcls(null, null);

    boolean isEmpty() {
        return literal == null && prefixed == null;
    }

    PatternAcls of(String principal, ResourcePattern pattern) {
        PatternAcls known =
                switch (pattern.match()) {
                    case LITERAL -> literal;
                    case PREFIXED -> prefixed;
                };
        return known == null ? PatternAcls.none(principal, pattern) : known;
    }

    NameAcls with(PatternAcls changed) {
        PatternAcls kept = changed.isEmpty() ? null : changed;
        return switch (changed.pattern().match()) {
            case LITERAL -> new NameAcls(kept, prefixed);
            case PREFIXED -> new NameAcls(literal, kept);
        };
    }

    @Nullable PatternAcls literal(Permission permission, String host, Operation operation) {
        return literal != null && literal.has(permission, host, operation) ? literal : null;
    }

    @Nullable PatternAcls prefixed(Permission permission, String host, Operation operation) {
        return prefixed != null && prefixed.has(permission, host, operation) ? prefixed : null;
    }
}
