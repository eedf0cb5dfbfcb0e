package io.millrace.metadata.acl;

import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.ResourceType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The ACLs of one principal. Immutable.
 *
 * @param byType the ACLs of the resource types, in the order of their declarations
 */
record PrincipalAcls(List<TypeAcls> byType) {

    static final PrincipalAcls NONE =
            new PrincipalAcls(Collections.nCopies(ResourceType.values().length, TypeAcls.NONE));

    PrincipalAcls {
        byType = List.copyOf(byType);
    }

    TypeAcls of(ResourceType type) {
        return byType.get(type.ordinal());
    }

    boolean isEmpty() {
        return byType.stream().allMatch(TypeAcls::isEmpty);
    }

    PrincipalAcls with(Acl acl) {
        return changed(acl, of(acl.resource().type()).with(acl));
    }

    PrincipalAcls without(Acl acl) {
        return changed(acl, of(acl.resource().type()).without(acl));
    }

    private PrincipalAcls changed(Acl acl, TypeAcls changed) {
        List<TypeAcls> all = new ArrayList<>(byType);
        all.set(acl.resource().type().ordinal(), changed);
        return new PrincipalAcls(all);
    }
}
