package io.millrace.metadata.acl;

import io.millrace.metadata.persistent.PersistentMap;
import io.millrace.protocol.acl.Acl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/** An immutable snapshot of all ACLs. A changed copy costs a logarithm of their number. */
public final class Acls {

    public static final Acls NONE = new Acls(PersistentMap.empty(), AclIndex.EMPTY, 0);

    private final PersistentMap<Acl, Acl> sorted;
    private final AclIndex index;
    private final long textChars;

    private Acls(PersistentMap<Acl, Acl> sorted, AclIndex index, long textChars) {
        this.sorted = sorted;
        this.index = index;
        this.textChars = textChars;
    }

    public static Acls of(Collection<Acl> acls) {
        Acls all = NONE;
        for (Acl acl : acls) {
            all = all.with(acl);
        }
        return all;
    }

    /** Returns these ACLs and another; these if the other is contained. */
    public Acls with(Acl acl) {
        return contains(acl)
                ? this
                : new Acls(sorted.with(acl, acl), index.with(acl), textChars + charsOf(acl));
    }

    /** Returns these ACLs except for one; these if it is not contained. */
    public Acls without(Acl acl) {
        return contains(acl)
                ? new Acls(sorted.without(acl), index.without(acl), textChars - charsOf(acl))
                : this;
    }

    /** Returns the length of the texts of an ACL, in UTF-16 code units. */
    public static int charsOf(Acl acl) {
        return acl.principal().length() + acl.host().length() + acl.resource().name().length();
    }

    public boolean contains(Acl acl) {
        return sorted.get(acl).isPresent();
    }

    public int size() {
        return sorted.size();
    }

    /** Returns the length of all texts together, in UTF-16 code units. */
    public long textChars() {
        return textChars;
    }

    /** Returns the index that decides accesses. */
    public AclIndex index() {
        return index;
    }

    /** Returns all ACLs in their order. */
    public List<Acl> all() {
        List<Acl> all = new ArrayList<>(sorted.size());
        sorted.forEach(all::add);
        return all;
    }

    /** Returns the ACLs in their order. */
    public Iterator<Acl> iterator() {
        return sorted.iterator();
    }

    /** Returns the ACLs after an ACL, which need not be contained, in their order. */
    public Iterator<Acl> after(Acl acl) {
        return sorted.after(acl);
    }
}
