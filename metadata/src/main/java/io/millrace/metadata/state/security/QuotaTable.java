package io.millrace.metadata.state.security;

import io.millrace.metadata.codec.SecurityCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.Digest;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import java.util.List;
import java.util.function.IntSupplier;

/** The quotas. */
public final class QuotaTable {

    /** The estimated size of a quota, without its principal. */
    private static final int BYTES_PER_QUOTA = 150;

    private final Digest digest;
    private final IntSupplier maxQuotas;
    private Quotas quotas = Quotas.NONE;

    /**
     * @param digest the digest to which changes are added
     * @param maxQuotas the limit in force
     */
    public QuotaTable(Digest digest, IntSupplier maxQuotas) {
        this.digest = digest;
        this.maxQuotas = maxQuotas;
    }

    public Quotas snapshot() {
        return quotas;
    }

    /** Returns the estimated size of all quotas in memory. */
    public long sizeBytes() {
        return sizeBytes(quotas.size(), quotas.textChars());
    }

    /** Returns the estimated size of quotas that may be added. */
    public static long sizeBytes(List<Quota> added) {
        return sizeBytes(
                added.size(),
                added.stream().mapToLong(quota -> quota.key().principal().length()).sum());
    }

    private static long sizeBytes(long count, long textChars) {
        return BYTES_PER_QUOTA * count + textChars;
    }

    public Outcome change(Command.QuotasChanged command) {
        Quotas changed = quotas;
        for (QuotaKey key : command.removed()) {
            changed = changed.without(key);
        }
        for (Quota quota : command.set()) {
            changed = changed.with(quota);
        }
        if (changed.size() > quotas.size() && changed.size() > maxQuotas.getAsInt()) {
            return new Outcome.CommandRejected(
                    new Problem(
                            Reason.METADATA_FULL,
                            "The cluster would have %d quotas, and the limit is %d, so none of the quotas is set: remove unused quotas, or set a default for all principals."
                                    .formatted(changed.size(), maxQuotas.getAsInt())));
        }
        command.removed().forEach(this::addToDigest);
        command.set()
                .forEach(quota -> {
                    addToDigest(quota.key());
                    digest.add(quota.perSecond());
                });
        digest.add(changed.size());
        quotas = changed;
        return new Outcome.Completed();
    }

    /** Adds codes, because hash codes of enums differ between processes. */
    private void addToDigest(QuotaKey key) {
        digest.add(key.principal().hashCode());
        digest.add(key.kind().code());
    }

    public StateSnapshot.Part freeze() {
        Quotas now = quotas;
        return out -> {
            out.putInt(now.size());
            now.iterator()
                    .forEachRemaining(quota -> {
                        out.putString(quota.key().principal());
                        out.putInt(quota.key().kind().code());
                        out.putLong(quota.perSecond());
                    });
        };
    }

    public void readFrom(SnapshotReader in) {
        int count = in.getCount();
        Quotas read = Quotas.NONE;
        for (int i = 0; i < count; i++) {
            QuotaKey key = new QuotaKey(in.getString(), SecurityCodec.quotaKind(in.getInt()));
            read = read.with(new Quota(key, in.getLong()));
        }
        quotas = read;
    }
}
