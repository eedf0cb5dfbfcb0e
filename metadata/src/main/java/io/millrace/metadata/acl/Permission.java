package io.millrace.metadata.acl;

/** The effect of an ACL. If an ACL that denies and one that allows match, the denial wins. */
public enum Permission {
    ALLOW,
    DENY
}
