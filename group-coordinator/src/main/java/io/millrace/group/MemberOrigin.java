package io.millrace.group;

/**
 * The user on whose behalf a member reads, as the node that the member is connected to has
 * authenticated it. Both texts are empty on a server without authentication.
 *
 * @param principal the principal, such as {@code User:alice}
 * @param host the IP address of the client in text form
 */
public record MemberOrigin(String principal, String host) {

    /** The origin of members that were not authenticated. */
    public static final MemberOrigin UNKNOWN = new MemberOrigin("", "");
}
