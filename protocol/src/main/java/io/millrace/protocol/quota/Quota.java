package io.millrace.protocol.quota;

/**
 * A limit of a rate of a principal, for each node.
 *
 * @param perSecond the limit in units of the kind per second, at least 1
 */
public record Quota(QuotaKey key, long perSecond) {

    /** The rate of a principal without a quota. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** The highest limit. */
    public static final long MAX_PER_SECOND = 1L << 50;
}
