package io.millrace.kafka.cluster;

import io.millrace.protocol.placement.Rendezvous;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The leader and the replicas that a client sees. Any node takes and serves any partition, so the
 * leader is the node that rendezvous hashing selects among the nodes in the client's zone, or among
 * all if there is none. The replicas are one node of each zone, so that clients with a rack find
 * one of theirs. Pure.
 */
public final class LeaderPlacement {

    private final Map<String, Integer> candidates = new HashMap<>();
    private final Map<String, Map<String, Integer>> zones = new TreeMap<>();

    /**
     * @param nodes the live nodes
     * @param zone the zone of the client; empty if unknown
     */
    public LeaderPlacement(List<KafkaNode> nodes, Optional<String> zone) {
        for (KafkaNode node : nodes) {
            zones.computeIfAbsent(node.zone(), added -> new HashMap<>())
                    .put(node.node(), node.number());
            if (zone.isPresent() && node.zone().equals(zone.get())) {
                candidates.put(node.node(), node.number());
            }
        }
        if (candidates.isEmpty()) {
            zones.values().forEach(candidates::putAll);
        }
    }

    /**
     * The place of a partition, in broker ids.
     *
     * @param leader -1 if no node is live
     * @param replicas the leader first
     */
    public record Place(int leader, List<Integer> replicas) {}

    /** Returns the number of replicas of each partition. */
    int replicas() {
        return zones.size();
    }

    public Place of(String topic, int partition) {
        String key = Rendezvous.keyOf(topic, partition);
        int leader = first(candidates, key);
        if (leader < 0) {
            return new Place(leader, List.of());
        }
        List<Integer> replicas = new ArrayList<>(zones.size());
        replicas.add(leader);
        for (Map<String, Integer> nodes : zones.values()) {
            int next = nodes.containsValue(leader) ? leader : first(nodes, key);
            if (next != leader) {
                replicas.add(next);
            }
        }
        return new Place(leader, replicas);
    }

    private static int first(Map<String, Integer> nodes, String key) {
        return Rendezvous.first(nodes.keySet(), key).map(nodes::get).orElse(-1);
    }
}
