package io.millrace.security.principal;

import java.util.Optional;

/**
 * An authenticated user or service, or the anonymous user.
 *
 * @param text {@code User:NAME}, the form in which ACLs and quotas name principals
 */
public record Principal(String text) {

    /** Maximum length of a name, in characters: room for a distinguished name. */
    public static final int MAX_NAME_CHARS = 512;

    private static final String USER = "User:";

    /** The principal of all requests of a server without authentication. */
    public static final Principal ANONYMOUS = Principal.user("ANONYMOUS");

    /** The principal of the nodes of the cluster. */
    public static final Principal NODE = new Principal("Node:millrace");

    public static Principal user(String name) {
        return new Principal(USER + name);
    }

    /**
     * Returns the principal of an authenticated name; empty if the name is empty, too long, has
     * control characters, or is reserved for the anonymous user or as a wildcard.
     */
    public static Optional<Principal> authenticated(String name) {
        boolean legal =
                !name.isBlank()
                        && name.length() <= MAX_NAME_CHARS
                        && name.chars().noneMatch(Character::isISOControl)
                        && !name.equals("*");
        return Optional.of(user(legal ? name : "ANONYMOUS")).filter(own -> !own.equals(ANONYMOUS));
    }
}
