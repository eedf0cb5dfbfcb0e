package io.millrace.security.principal;

/**
 * An authenticated user or service, or the anonymous user.
 *
 * @param text {@code User:NAME}, the form in which ACLs and quotas name principals
 */
public record Principal(String text) {

    /** The principal of all requests of a server without authentication. */
    public static final Principal ANONYMOUS = Principal.user("ANONYMOUS");

    /** The principal of the nodes of the cluster. */
    public static final Principal NODE = new Principal("Node:millrace");

    public static Principal user(String name) {
        return new Principal("User:" + name);
    }
}
