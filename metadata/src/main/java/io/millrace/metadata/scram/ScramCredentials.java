package io.millrace.metadata.scram;

import io.millrace.metadata.persistent.PersistentMap;
import io.millrace.protocol.scram.ScramName;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * An immutable snapshot of all SCRAM credentials. A changed copy costs a logarithm of their number.
 */
public final class ScramCredentials {

    public static final ScramCredentials NONE = new ScramCredentials(PersistentMap.empty(), 0);

    private final PersistentMap<ScramName, ScramCredential> sorted;
    private final long variableBytes;

    private ScramCredentials(PersistentMap<ScramName, ScramCredential> sorted, long variableBytes) {
        this.sorted = sorted;
        this.variableBytes = variableBytes;
    }

    /** Returns these credentials and another, which replaces the credential with the same name. */
    public ScramCredentials with(ScramCredential credential) {
        ScramCredentials others = without(credential.name());
        return new ScramCredentials(
                others.sorted.with(credential.name(), credential),
                others.variableBytes + variableBytes(credential));
    }

    /** Returns these credentials except for one; these if it is not contained. */
    public ScramCredentials without(ScramName name) {
        return sorted.get(name)
                .map(removed ->
                        new ScramCredentials(
                                sorted.without(name), variableBytes - variableBytes(removed)))
                .orElse(this);
    }

    /** Returns the size of a credential's name, salt and keys. */
    public static long variableBytes(ScramCredential credential) {
        return credential.name().user().length()
                + credential.salt().size()
                + credential.storedKey().size()
                + credential.serverKey().size();
    }

    public Optional<ScramCredential> find(ScramName name) {
        return sorted.get(name);
    }

    public int size() {
        return sorted.size();
    }

    /** Returns the size of all names, salts and keys together. */
    public long variableBytes() {
        return variableBytes;
    }

    /** Returns all credentials by user and mechanism. */
    public List<ScramCredential> all() {
        List<ScramCredential> all = new ArrayList<>(sorted.size());
        sorted.forEach(all::add);
        return all;
    }

    /** Returns the credentials by user and mechanism. */
    public Iterator<ScramCredential> iterator() {
        return sorted.iterator();
    }

    /** Returns the credentials after a name, which need not be contained. */
    public Iterator<ScramCredential> after(ScramName name) {
        return sorted.after(name);
    }
}
