package io.millrace.metadata.state.security;

import com.google.protobuf.ByteString;
import io.millrace.metadata.codec.SecurityCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.Digest;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.scram.ScramName;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;

/** The SCRAM credentials of users. */
public final class ScramTable {

    /** The estimated size of a credential, without its name, salt and keys. */
    private static final int BYTES_PER_CREDENTIAL = 250;

    private final Digest digest;
    private final IntSupplier maxCredentials;
    private ScramCredentials credentials = ScramCredentials.NONE;

    /**
     * @param digest the digest to which changes are added
     * @param maxCredentials the limit in force
     */
    public ScramTable(Digest digest, IntSupplier maxCredentials) {
        this.digest = digest;
        this.maxCredentials = maxCredentials;
    }

    public ScramCredentials snapshot() {
        return credentials;
    }

    /** Returns the estimated size of all credentials in memory. */
    public long sizeBytes() {
        return sizeBytes(credentials.size(), credentials.variableBytes());
    }

    /** Returns the estimated size of credentials that may be added. */
    public static long sizeBytes(List<ScramCredential> added) {
        return sizeBytes(
                added.size(), added.stream().mapToLong(ScramCredentials::variableBytes).sum());
    }

    private static long sizeBytes(long count, long variableBytes) {
        return BYTES_PER_CREDENTIAL * count + variableBytes;
    }

    public Outcome change(Command.ScramCredentialsChanged command) {
        ScramCredentials changed = credentials;
        for (ScramName name : command.removed()) {
            changed = changed.without(name);
        }
        for (ScramCredential credential : command.set()) {
            changed = changed.with(credential);
        }
        if (changed.size() > credentials.size() && changed.size() > maxCredentials.getAsInt()) {
            return new Outcome.CommandRejected(
                    new Problem(
                            Reason.METADATA_FULL,
                            "The cluster would have %d SCRAM credentials, and the limit is %d, so none of them is set: remove those of unused users."
                                    .formatted(changed.size(), maxCredentials.getAsInt())));
        }
        command.removed().forEach(this::addToDigest);
        command.set().forEach(this::addToDigest);
        digest.add(changed.size());
        credentials = changed;
        return new Outcome.Completed();
    }

    private void addToDigest(ScramCredential credential) {
        addToDigest(credential.name());
        digest.add(credential.iterations());
        digest.add(Arrays.hashCode(credential.salt().toByteArray()));
        digest.add(Arrays.hashCode(credential.storedKey().toByteArray()));
        digest.add(Arrays.hashCode(credential.serverKey().toByteArray()));
    }

    /** Adds codes, because hash codes of enums differ between processes. */
    private void addToDigest(ScramName name) {
        digest.add(name.user().hashCode());
        digest.add(name.mechanism().code());
    }

    public StateSnapshot.Part freeze() {
        ScramCredentials now = credentials;
        return out -> {
            out.putInt(now.size());
            now.iterator()
                    .forEachRemaining(credential -> {
                        out.putString(credential.name().user());
                        out.putInt(credential.name().mechanism().code());
                        out.putInt(credential.iterations());
                        out.putBytes(credential.salt().toByteArray());
                        out.putBytes(credential.storedKey().toByteArray());
                        out.putBytes(credential.serverKey().toByteArray());
                    });
        };
    }

    public void readFrom(SnapshotReader in) {
        int count = in.getCount();
        ScramCredentials read = ScramCredentials.NONE;
        for (int i = 0; i < count; i++) {
            ScramName name =
                    new ScramName(in.getString(), SecurityCodec.scramMechanism(in.getInt()));
            read =
                    read.with(
                            new ScramCredential(
                                    name,
                                    in.getInt(),
                                    ByteString.copyFrom(in.getBytes()),
                                    ByteString.copyFrom(in.getBytes()),
                                    ByteString.copyFrom(in.getBytes())));
        }
        credentials = read;
    }
}
