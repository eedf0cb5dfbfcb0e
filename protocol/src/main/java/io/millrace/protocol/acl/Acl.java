package io.millrace.protocol.acl;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * An access control list entry: a principal may, or may not, do an operation on resources. Ordered
 * by resource, then by principal.
 *
 * @param principal {@code TYPE:NAME}, such as {@code User:alice}; {@link #ANY_PRINCIPAL} for all
 * @param host an IP address in the text form of {@link java.net.InetAddress#getHostAddress}; {@link
 *     #ANY_HOST} for all
 */
public record Acl(
        String principal,
        String host,
        Operation operation,
        Permission permission,
        ResourcePattern resource)
        implements Comparable<Acl> {

    public static final String ANY_PRINCIPAL = "User:*";
    public static final String ANY_HOST = "*";

    /** By codes, because the order must not depend on that of the enums' declarations. */
    private static final Comparator<Acl> ORDER =
            Comparator.<Acl>comparingInt(acl -> acl.resource.type().code())
                    .thenComparing(acl -> acl.resource.name())
                    .thenComparingInt(acl -> acl.resource.match().code())
                    .thenComparing(Acl::principal)
                    .thenComparing(Acl::host)
                    .thenComparingInt(acl -> acl.operation.code())
                    .thenComparingInt(acl -> acl.permission.code());

    /**
     * @throws IllegalArgumentException if a text does not survive encoding in UTF-8, so that nodes
     *     could read different texts
     */
    public Acl {
        requireWellFormed(principal);
        requireWellFormed(host);
        requireWellFormed(resource.name());
    }

    private static void requireWellFormed(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("an unpaired surrogate in a text of an ACL");
        }
    }

    /** Returns an ACL that allows an operation from all hosts. */
    public static Acl allow(String principal, Operation operation, ResourcePattern resource) {
        return new Acl(principal, ANY_HOST, operation, Permission.ALLOW, resource);
    }

    /** Returns an ACL that denies an operation from all hosts. */
    public static Acl deny(String principal, Operation operation, ResourcePattern resource) {
        return new Acl(principal, ANY_HOST, operation, Permission.DENY, resource);
    }

    @Override
    public int compareTo(Acl other) {
        return ORDER.compare(this, other);
    }
}
