package io.millrace.protocol.acl;

/** The result of an access test, with its cause. */
public sealed interface AccessDecision {

    /** The access is allowed by an ACL. */
    record AllowedBy(Acl acl) implements AccessDecision {}

    /** The access is denied by an ACL. */
    record DeniedBy(Acl acl) implements AccessDecision {}

    /** The access is denied, because no ACL matches. */
    record NotAllowed() implements AccessDecision {}

    /** The access is allowed without an ACL: the principal is a superuser. */
    record AllowedToSuperuser() implements AccessDecision {}

    /** The access is allowed without an ACL: the nodes do not enforce ACLs. */
    record NotEnforced() implements AccessDecision {}

    default boolean allowed() {
        return switch (this) {
            case AllowedBy _, AllowedToSuperuser _, NotEnforced _ -> true;
            case DeniedBy _, NotAllowed _ -> false;
        };
    }
}
