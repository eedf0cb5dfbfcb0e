package io.millrace.simulation.invariant;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of the numbers of nodes, independent of the production state: a node has one number, and
 * a number belongs to one node. A contradiction is an {@link IllegalStateException}.
 */
public final class NodeNumberModel {

    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<Integer, String> nodes = new HashMap<>();

    /** Applies one entry with its outcomes; without outcomes, the entry has no effect. */
    public void apply(List<Command> commands, List<Outcome> outcomes) {
        for (int i = 0; i < outcomes.size(); i++) {
            if (commands.get(i) instanceof Command.NodeNumbered(String node)
                    && outcomes.get(i) instanceof Outcome.NodeNumber(int number)) {
                numbered(node, number);
            }
        }
    }

    private void numbered(String node, int number) {
        Integer before = numbers.putIfAbsent(node, number);
        ReferenceModel.require(
                before == null || before == number,
                "%s has number %d and receives %d",
                node,
                before,
                number);
        String owner = nodes.putIfAbsent(number, node);
        ReferenceModel.require(
                owner == null || owner.equals(node),
                "%s receives number %d of %s",
                node,
                number,
                owner);
    }

    /** Returns the number of nodes with a number. */
    public int size() {
        return numbers.size();
    }
}
