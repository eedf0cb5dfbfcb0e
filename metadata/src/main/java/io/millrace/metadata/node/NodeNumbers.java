package io.millrace.metadata.node;

import io.millrace.metadata.persistent.PersistentMap;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;

/**
 * An immutable snapshot of the numbers of nodes, which the Kafka protocol uses as broker ids. A
 * changed copy costs a logarithm of their number.
 */
public final class NodeNumbers {

    public static final NodeNumbers NONE =
            new NodeNumbers(PersistentMap.empty(), PersistentMap.empty());

    private final PersistentMap<String, NodeNumber> byNode;
    private final PersistentMap<Integer, NodeNumber> byNumber;

    private NodeNumbers(
            PersistentMap<String, NodeNumber> byNode, PersistentMap<Integer, NodeNumber> byNumber) {
        this.byNode = byNode;
        this.byNumber = byNumber;
    }

    /** Returns these numbers and another, of a node without a number. */
    public NodeNumbers with(NodeNumber added) {
        return new NodeNumbers(
                byNode.with(added.node(), added), byNumber.with(added.number(), added));
    }

    /** Returns these numbers without the smallest; these if there are none. */
    public NodeNumbers withoutSmallest() {
        Iterator<NodeNumber> all = byNumber.iterator();
        if (!all.hasNext()) {
            return this;
        }
        NodeNumber smallest = all.next();
        return new NodeNumbers(
                byNode.without(smallest.node()), byNumber.without(smallest.number()));
    }

    /**
     * Returns the number of a node.
     *
     * @param node the id that the node registers
     */
    public OptionalInt numberOf(String node) {
        return byNode.get(node).stream().mapToInt(NodeNumber::number).findFirst();
    }

    /** Returns the id of the node with a number. */
    public Optional<String> nodeOf(int number) {
        return byNumber.get(number).map(NodeNumber::node);
    }

    public int size() {
        return byNumber.size();
    }

    /** Returns all numbers in ascending order. */
    public List<NodeNumber> all() {
        return StreamSupport.stream(byNumber.spliterator(), false).toList();
    }
}
