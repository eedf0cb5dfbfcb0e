package io.millrace.fetch.zone;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.placement.Rendezvous;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Selects the fetch node that loads an object for its zone: the writer, or else the first node in
 * rendezvous order. Pure: nodes with the same view select the same loader.
 */
final class ZoneLoader {

    private ZoneLoader() {}

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
