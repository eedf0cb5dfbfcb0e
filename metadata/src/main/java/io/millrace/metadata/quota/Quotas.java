package io.millrace.metadata.quota;

import io.millrace.metadata.persistent.PersistentMap;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** An immutable snapshot of all quotas. A changed copy costs a logarithm of their number. */
public final class Quotas {

    public static final Quotas NONE = new Quotas(PersistentMap.empty(), 0);

    private final PersistentMap<QuotaKey, Quota> sorted;
    private final long textChars;

    private Quotas(PersistentMap<QuotaKey, Quota> sorted, long textChars) {
        this.sorted = sorted;
        this.textChars = textChars;
    }

    /** Returns these quotas and another, which replaces the quota with the same key. */
    public Quotas with(Quota quota) {
        Quotas others = without(quota.key());
        return new Quotas(
                others.sorted.with(quota.key(), quota),
                others.textChars + quota.key().principal().length());
    }

    /** Returns these quotas except for one; these if it is not contained. */
    public Quotas without(QuotaKey key) {
        return sorted.get(key).isPresent()
                ? new Quotas(sorted.without(key), textChars - key.principal().length())
                : this;
    }

    /**
     * Returns the limit of a principal: its own quota, or the default one.
     *
     * @return in units of the kind per second, for each node; {@link Quota#UNLIMITED} without a
     *     quota
     */
    public long perSecond(String principal, QuotaKind kind) {
        return sorted.get(new QuotaKey(principal, kind))
                .or(() -> sorted.get(new QuotaKey(QuotaKey.DEFAULT, kind)))
                .map(Quota::perSecond)
                .orElse(Quota.UNLIMITED);
    }

    public int size() {
        return sorted.size();
    }

    /** Returns the length of all principals together, in UTF-16 code units. */
    public long textChars() {
        return textChars;
    }

    /** Returns all quotas by principal and kind. */
    public List<Quota> all() {
        List<Quota> all = new ArrayList<>(sorted.size());
        sorted.forEach(all::add);
        return all;
    }

    /** Returns the quotas by principal and kind. */
    public Iterator<Quota> iterator() {
        return sorted.iterator();
    }

    /** Returns the quotas after a key, which need not be contained, by principal and kind. */
    public Iterator<Quota> after(QuotaKey key) {
        return sorted.after(key);
    }
}
