package io.millrace.security.quota;

import io.millrace.metadata.quota.Quotas;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.principal.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Charges principals for their traffic at this node, and computes the delays that keep the traffic
 * within the quotas. An idle principal may exceed its quota by the traffic of {@link #BURST}.
 * Remembers all principals in debt, and up to {@link #MAX_PRINCIPALS} with other recent traffic.
 * Any thread. Allocates nothing for a known principal.
 */
public final class QuotaEnforcement {

    static final Duration BURST = Duration.ofSeconds(1);

    static final int MAX_PRINCIPALS = 10_000;

    /** Scans of many principals in debt must not take the time of each call. */
    private static final long SCAN_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private static final QuotaKind[] KINDS = QuotaKind.values();

    private final Supplier<Quotas> quotas;
    private final LongSupplier nanoTime;
    private final Map<String, PrincipalBuckets> principals = new ConcurrentHashMap<>();
    private final AtomicLong nextScanNanos;

    /**
     * @param quotas the supplier of the current quotas; called on any thread
     * @param nanoTime a monotonic clock for any thread
     */
    public QuotaEnforcement(Supplier<Quotas> quotas, LongSupplier nanoTime) {
        this.quotas = quotas;
        this.nanoTime = nanoTime;
        this.nextScanNanos = new AtomicLong(nanoTime.getAsLong());
    }

    /** The buckets of a principal under a version of the quotas. */
    @SuppressWarnings("ArrayRecordComponent")
    private record PrincipalBuckets(
            Quotas version, long[] limits, @Nullable TokenBucket[] buckets) {

        boolean isFull(long nowNanos) {
            for (TokenBucket bucket : buckets) {
                if (bucket != null && !bucket.isFull(nowNanos)) {
                    return false;
                }
            }
            return true;
        }

        boolean isInDebt(long nowNanos) {
            for (TokenBucket bucket : buckets) {
                if (bucket != null && bucket.delayNanos(nowNanos) > 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Charges the principal.
     *
     * @param amount bytes or requests, 0 or more
     */
    public void charge(Principal principal, QuotaKind kind, long amount) {
        TokenBucket bucket = bucket(principal.text(), kind);
        if (bucket != null) {
            bucket.charge(amount, nanoTime.getAsLong());
        }
    }

    /** Returns the time for which further traffic of the kind must wait; 0 to proceed. */
    public long delayNanos(Principal principal, QuotaKind kind) {
        TokenBucket bucket = bucket(principal.text(), kind);
        return bucket == null ? 0 : bucket.delayNanos(nanoTime.getAsLong());
    }

    /** Returns null for a principal without a quota of the kind. */
    private @Nullable TokenBucket bucket(String principal, QuotaKind kind) {
        Quotas now = quotas.get();
        if (now.size() == 0) {
            return null;
        }
        PrincipalBuckets known = principals.get(principal);
        if (known == null || known.version() != now) {
            known = update(principal, now);
        }
        return known.buckets()[kind.ordinal()];
    }

    private PrincipalBuckets update(String principal, Quotas now) {
        if (principals.size() >= MAX_PRINCIPALS) {
            forget();
        }
        return principals.compute(principal, (name, before) -> changed(name, now, before));
    }

    /** A bucket whose limit is unchanged keeps its debt. */
    private PrincipalBuckets changed(
            String principal, Quotas now, @Nullable PrincipalBuckets before) {
        long[] limits = new long[KINDS.length];
        @Nullable TokenBucket[] buckets = new @Nullable TokenBucket[KINDS.length];
        for (QuotaKind kind : KINDS) {
            int i = kind.ordinal();
            limits[i] = now.perSecond(principal, kind);
            if (limits[i] == Quota.UNLIMITED) {
                continue;
            }
            buckets[i] =
                    before != null && before.limits()[i] == limits[i]
                            ? before.buckets()[i]
                            : new TokenBucket(limits[i], BURST.toNanos(), nanoTime.getAsLong());
        }
        return new PrincipalBuckets(now, limits, buckets);
    }

    /** A full bucket is equal to a new one, so that nothing is lost with it. */
    private void forget() {
        long nowNanos = nanoTime.getAsLong();
        long nextNanos = nextScanNanos.get();
        if (nowNanos - nextNanos < 0
                || !nextScanNanos.compareAndSet(nextNanos, nowNanos + SCAN_PAUSE_NANOS)) {
            return;
        }
        principals.values().removeIf(each -> each.isFull(nowNanos));
        if (principals.size() >= MAX_PRINCIPALS) {
            principals.values().removeIf(each -> !each.isInDebt(nowNanos));
        }
    }
}
