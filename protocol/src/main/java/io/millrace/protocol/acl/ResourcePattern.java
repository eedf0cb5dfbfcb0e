package io.millrace.protocol.acl;

import java.util.Optional;

/**
 * A pattern of resource names. Names are compared by their UTF-16 code units, without
 * normalisation.
 *
 * @param name a name or a prefix; {@link #ANY} with {@link Match#LITERAL} matches all names
 */
public record ResourcePattern(ResourceType type, Match match, String name) {

    /** The literal name that matches all names. */
    public static final String ANY = "*";

    /** The only pattern of the cluster itself. */
    public static final ResourcePattern CLUSTER =
            literal(ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);

    /** A comparison of the name of a pattern with names of resources. */
    public enum Match {
        LITERAL(3),
        PREFIXED(4);

        private final int code;

        Match(int code) {
            this.code = code;
        }

        /** Returns the match with a code; empty if there is none. */
        public static Optional<Match> withCode(int code) {
            return Codes.find(values(), Match::code, code);
        }

        /**
         * Returns the number of the pattern type in Kafka's protocol, in requests and in the log.
         */
        public int code() {
            return code;
        }
    }

    /** Returns a pattern of one name, or of all names. */
    public static ResourcePattern literal(ResourceType type, String name) {
        return new ResourcePattern(type, Match.LITERAL, name);
    }

    /** Returns a pattern of all names that start with a prefix. */
    public static ResourcePattern prefixed(ResourceType type, String prefix) {
        return new ResourcePattern(type, Match.PREFIXED, prefix);
    }

    /** Returns whether the pattern matches a resource's name. */
    public boolean matches(String resource) {
        return switch (match) {
            case LITERAL -> name.equals(ANY) || name.equals(resource);
            case PREFIXED -> resource.startsWith(name);
        };
    }
}
