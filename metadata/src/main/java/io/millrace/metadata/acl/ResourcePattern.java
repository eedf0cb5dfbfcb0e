package io.millrace.metadata.acl;

/**
 * A pattern of resource names.
 *
 * @param name a name or a prefix; {@link #ANY} with {@link Match#LITERAL} matches all names
 */
public record ResourcePattern(ResourceType type, Match match, String name) {

    /** The literal name that matches all names. */
    public static final String ANY = "*";

    /** How the name of a pattern is compared. */
    public enum Match {
        LITERAL,
        PREFIXED
    }
}
