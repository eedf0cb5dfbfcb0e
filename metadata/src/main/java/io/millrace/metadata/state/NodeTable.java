package io.millrace.metadata.state;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.Digest;
import io.millrace.metadata.node.NodeNumber;
import io.millrace.metadata.node.NodeNumbers;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.OptionalInt;
import java.util.function.IntSupplier;

/**
 * The numbers of nodes. A number is allocated once: a node that has a number keeps it, and a number
 * that was forgotten is not allocated again. A full table forgets the smallest number.
 */
final class NodeTable {

    private static final int FIRST = 1;

    private final Digest digest;
    private final IntSupplier maxNodes;
    private NodeNumbers numbers = NodeNumbers.NONE;
    private int next = FIRST;

    /**
     * @param maxNodes the limit in force
     */
    NodeTable(Digest digest, IntSupplier maxNodes) {
        this.digest = digest;
        this.maxNodes = maxNodes;
    }

    NodeNumbers snapshot() {
        return numbers;
    }

    Outcome number(Command.NodeNumbered command) {
        OptionalInt known = numbers.numberOf(command.node());
        if (known.isPresent()) {
            return new Outcome.NodeNumber(known.getAsInt());
        }
        if (numbers.size() >= maxNodes.getAsInt()) {
            numbers = numbers.withoutSmallest();
        }
        NodeNumber added = new NodeNumber(command.node(), next++);
        numbers = numbers.with(added);
        digest.add(added.node().hashCode());
        digest.add(numbers.size());
        return new Outcome.NodeNumber(added.number());
    }

    StateSnapshot.Part freeze() {
        int nextNow = next;
        NodeNumbers now = numbers;
        return out -> {
            out.putInt(nextNow);
            out.putInt(now.size());
            for (NodeNumber numbered : now.all()) {
                out.putString(numbered.node());
                out.putInt(numbered.number());
            }
        };
    }

    void readFrom(SnapshotReader in) {
        next = in.getInt();
        int count = in.getCount();
        NodeNumbers read = NodeNumbers.NONE;
        for (int i = 0; i < count; i++) {
            read = read.with(new NodeNumber(in.getString(), in.getInt()));
        }
        numbers = read;
    }
}
