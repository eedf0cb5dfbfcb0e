package io.millrace.fetch.zone;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.placement.Rendezvous;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Selects the zone's loader of an object: the fetch node that loads the object for the whole zone.
 * This is the writer of the object, which has it in memory or had it last, or else the first node
 * in the rendezvous order of the object's id. Pure: nodes with the same view of the cluster select
 * the same loader.
 */
final class ZoneLoader {

    private ZoneLoader() {}

    /**
     * Returns the loader among the fetch nodes of a zone.
     *
     * @return empty if there are no candidates
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
