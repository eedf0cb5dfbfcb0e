package io.millrace.metadata.state.security;

import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.codec.SecurityCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.Digest;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.function.IntSupplier;

/** The ACLs. */
public final class AclTable {

    /** The estimated size of an ACL in the table and its index, without texts. */
    private static final int BYTES_PER_ACL = 500;

    private final Digest digest;
    private final IntSupplier maxAcls;
    private Acls acls = Acls.NONE;

    /**
     * @param digest the digest to which changes are added
     * @param maxAcls the limit in force
     */
    public AclTable(Digest digest, IntSupplier maxAcls) {
        this.digest = digest;
        this.maxAcls = maxAcls;
    }

    public Acls snapshot() {
        return acls;
    }

    /** Returns the estimated size of all ACLs in memory. */
    public long sizeBytes() {
        return sizeBytes(acls.size(), acls.textChars());
    }

    /** Returns the estimated size of ACLs that may be added. */
    public static long sizeBytes(List<Acl> added) {
        return sizeBytes(added.size(), added.stream().mapToLong(Acls::charsOf).sum());
    }

    private static long sizeBytes(long count, long textChars) {
        return BYTES_PER_ACL * count + 2 * textChars;
    }

    public Outcome change(Command.AclsChanged command) {
        Acls changed = acls;
        for (Acl acl : command.removed()) {
            changed = changed.without(acl);
        }
        for (Acl acl : command.added()) {
            changed = changed.with(acl);
        }
        if (changed.size() > acls.size() && changed.size() > maxAcls.getAsInt()) {
            return new Outcome.CommandRejected(
                    new Problem(
                            Reason.METADATA_FULL,
                            "The cluster would have %d ACLs, and the limit is %d, so none of the ACLs is added: remove unused ACLs, or replace many ACLs by one with a prefix."
                                    .formatted(changed.size(), maxAcls.getAsInt())));
        }
        command.removed().forEach(this::addToDigest);
        command.added().forEach(this::addToDigest);
        digest.add(changed.size());
        acls = changed;
        return new Outcome.Completed();
    }

    /** Adds codes, because hash codes of enums differ between processes. */
    private void addToDigest(Acl acl) {
        digest.add(acl.principal().hashCode());
        digest.add(acl.host().hashCode());
        digest.add(acl.operation().code());
        digest.add(acl.permission().code());
        digest.add(acl.resource().type().code());
        digest.add(acl.resource().match().code());
        digest.add(acl.resource().name().hashCode());
    }

    public StateSnapshot.Part freeze() {
        Acls now = acls;
        return out -> {
            out.putInt(now.size());
            now.iterator()
                    .forEachRemaining(acl -> {
                        out.putInt(acl.resource().type().code());
                        out.putString(acl.resource().name());
                        out.putInt(acl.resource().match().code());
                        out.putString(acl.principal());
                        out.putString(acl.host());
                        out.putInt(acl.operation().code());
                        out.putInt(acl.permission().code());
                    });
        };
    }

    public void readFrom(SnapshotReader in) {
        int count = in.getCount();
        Acls read = Acls.NONE;
        for (int i = 0; i < count; i++) {
            ResourceType type = SecurityCodec.type(in.getInt());
            String name = in.getString();
            ResourcePattern.Match match = SecurityCodec.match(in.getInt());
            String principal = in.getString();
            String host = in.getString();
            read =
                    read.with(
                            new Acl(
                                    principal,
                                    host,
                                    SecurityCodec.operation(in.getInt()),
                                    SecurityCodec.permission(in.getInt()),
                                    new ResourcePattern(type, match, name)));
        }
        acls = read;
    }
}
