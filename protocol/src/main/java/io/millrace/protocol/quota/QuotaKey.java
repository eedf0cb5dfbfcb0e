package io.millrace.protocol.quota;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * The identity of a quota.
 *
 * @param principal {@code TYPE:NAME}, such as {@code User:alice}; {@link #DEFAULT} for each
 *     principal without a quota of its own
 */
public record QuotaKey(String principal, QuotaKind kind) implements Comparable<QuotaKey> {

    /** The principal of the quotas of all principals that have none of the kind. */
    public static final String DEFAULT = "User:*";

    private static final Comparator<QuotaKey> ORDER =
            Comparator.comparing(QuotaKey::principal).thenComparingInt(key -> key.kind.code());

    /**
     * @throws IllegalArgumentException if the principal does not survive encoding in UTF-8, so that
     *     nodes could read different texts
     */
    public QuotaKey {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(principal)) {
            throw new IllegalArgumentException("an unpaired surrogate in a principal");
        }
    }

    @Override
    public int compareTo(QuotaKey other) {
        return ORDER.compare(this, other);
    }
}
