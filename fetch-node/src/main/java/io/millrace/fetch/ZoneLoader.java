package io.millrace.fetch;

import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.placement.Rendezvous;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which fetch node of a zone loads an object for all of them: the one that wrote it, which has it
 * in memory still or had it last, else the first in the rendezvous order for the object's id. Pure:
 * all who see the same members agree.
 */
public final class ZoneLoader {

    private ZoneLoader() {}

    /**
     * The loader of an object in each zone.
     *
     * @param members the live nodes of the cluster, of whatever roles
     * @return one for each zone that has a fetch node, in no particular order
     */
    public static List<Member> ofEachZone(ObjectId object, Collection<Member> members) {
        Map<String, List<Member>> zones = new HashMap<>();
        for (Member member : members) {
            if (member.roles().contains(Role.FETCH)) {
                zones.computeIfAbsent(member.zone(), zone -> new ArrayList<>()).add(member);
            }
        }
        return zones.values().stream().flatMap(zone -> of(object, zone).stream()).toList();
    }

    /**
     * The loader among some fetch nodes of one zone.
     *
     * @return empty if there are none
     */
    static Optional<Member> of(ObjectId object, Collection<Member> candidates) {
        Map<String, Member> byNode = new HashMap<>();
        for (Member member : candidates) {
            if (member.incarnation() == object.incarnation()) {
                return Optional.of(member);
            }
            byNode.put(member.node(), member);
        }
        return Rendezvous.first(byNode.keySet(), object.toString())
                .flatMap(node -> Optional.ofNullable(byNode.get(node)));
    }
}
