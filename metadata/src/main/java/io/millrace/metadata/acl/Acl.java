package io.millrace.metadata.acl;

/**
 * An access control list entry: a principal may, or may not, do an operation on resources.
 *
 * @param principal {@code TYPE:NAME}, such as {@code User:alice}; {@link #ANY_PRINCIPAL} for all
 * @param host an IP address in text form; {@link #ANY_HOST} for all
 */
public record Acl(
        String principal,
        String host,
        Operation operation,
        Permission permission,
        ResourcePattern resource) {

    public static final String ANY_PRINCIPAL = "User:*";
    public static final String ANY_HOST = "*";
}
