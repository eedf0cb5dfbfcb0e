package io.millrace.protocol.placement;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Computes the order of nodes for a key by rendezvous hashing, without communication. Pure, and
 * stable across versions and machines.
 *
 * <p>When a node leaves, only its keys move, each to the next node in the key's order.
 *
 * <p>The weight of a node is the first 64 bits of MurmurHash3 x64_128, seed 0, over: node id in
 * UTF-8, byte 0, key. A text key is encoded in UTF-8, a number as eight bytes in big-endian order,
 * a partition as the text {@code topic/partition}. Nodes are ordered by descending unsigned weight,
 * then by node id in UTF-16 code units.
 */
public final class Rendezvous {

    private Rendezvous() {}

    private record WeightedNode(String node, long weight) {}

    private static final Comparator<WeightedNode> ORDER =
            ((Comparator<WeightedNode>) (a, b) -> Long.compareUnsigned(b.weight(), a.weight()))
                    .thenComparing(WeightedNode::node);

    public static String keyOf(String topic, int partition) {
        return topic + "/" + partition;
    }

    /** Returns all nodes, preferred node first. */
    public static List<String> order(Collection<String> nodes, String key) {
        return order(nodes, key.getBytes(StandardCharsets.UTF_8));
    }

    public static List<String> order(Collection<String> nodes, long key) {
        return order(nodes, bytes(key));
    }

    /** Returns the preferred node; empty without nodes. */
    public static Optional<String> first(Collection<String> nodes, String key) {
        return first(nodes, key.getBytes(StandardCharsets.UTF_8));
    }

    public static Optional<String> first(Collection<String> nodes, long key) {
        return first(nodes, bytes(key));
    }

    private static byte[] bytes(long key) {
        return java.nio.ByteBuffer.allocate(Long.BYTES).putLong(key).array();
    }

    private static Optional<String> first(Collection<String> nodes, byte[] key) {
        WeightedNode best = null;
        for (String node : nodes) {
            WeightedNode next = new WeightedNode(node, weight(node, key));
            if (best == null || ORDER.compare(next, best) < 0) {
                best = next;
            }
        }
        return best == null ? Optional.empty() : Optional.of(best.node());
    }

    private static List<String> order(Collection<String> nodes, byte[] key) {
        List<WeightedNode> weighed = new ArrayList<>(nodes.size());
        nodes.forEach(node -> weighed.add(new WeightedNode(node, weight(node, key))));
        weighed.sort(ORDER);
        return weighed.stream().map(WeightedNode::node).toList();
    }

    static long weight(String node, byte[] key) {
        Hasher hasher = Hashing.murmur3_128(0).newHasher();
        return hasher.putString(node, StandardCharsets.UTF_8)
                .putByte((byte) 0)
                .putBytes(key)
                .hash()
                .asLong();
    }
}
