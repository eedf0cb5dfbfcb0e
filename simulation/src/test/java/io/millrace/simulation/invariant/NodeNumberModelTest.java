package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the model detects violations. */
final class NodeNumberModelTest {

    private final NodeNumberModel model = new NodeNumberModel();

    private void numbered(String node, int number) {
        model.apply(
                List.of(new Command.NodeNumbered(node)), List.of(new Outcome.NodeNumber(number)));
    }

    @Test
    void detectsANumberOfTwoNodes() {
        numbered("a", 1);
        numbered("a", 1);

        assertThatThrownBy(() -> numbered("b", 1)).hasMessageContaining("receives number 1 of a");
    }

    @Test
    void detectsASecondNumberOfANode() {
        numbered("a", 1);

        assertThatThrownBy(() -> numbered("a", 2)).hasMessageContaining("a has number 1");
    }
}
