package io.millrace.fetch.zone;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.placement.Rendezvous;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which fetch node of a zone loads an object for all of them: the one that wrote it, which has it
 * in memory still or had it last, else the first in the rendezvous order for the object's id. Pure:
 * all who see the same members agree.
 */
final class ZoneLoader {

    private ZoneLoader() {}

    /**
     * The loader among some fetch nodes of one zone.
     *
     * @return empty if there are none
     */
    static Optional<RegisteredNode> of(ObjectId object, Collection<RegisteredNode> candidates) {
        Map<String, RegisteredNode> byNode = new HashMap<>();
        for (RegisteredNode member : candidates) {
            if (member.incarnation() == object.incarnation()) {
                return Optional.of(member);
            }
            byNode.put(member.node(), member);
        }
        return Rendezvous.first(byNode.keySet(), object.toString())
                .flatMap(node -> Optional.ofNullable(byNode.get(node)));
    }
}
