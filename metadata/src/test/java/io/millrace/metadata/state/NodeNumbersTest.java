package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.feature.LevelContents;
import io.millrace.metadata.feature.StateLimits;
import io.millrace.metadata.node.NodeNumber;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A node has one number, and a number belongs to one node, for ever. */
class NodeNumbersTest {

    private static final int LIMIT = 5;

    private final StateDriver driver = new StateDriver();

    private Outcome number(String node) {
        return driver.apply(new Command.NodeNumbered(node));
    }

    @Test
    void nodesReceiveConsecutiveNumbersFromOne() {
        assertThat(number("b")).isEqualTo(new Outcome.NodeNumber(1));
        assertThat(number("a")).isEqualTo(new Outcome.NodeNumber(2));

        assertThat(driver.state().nodeNumbers().all())
                .containsExactly(new NodeNumber("b", 1), new NodeNumber("a", 2));
        assertThat(driver.state().nodeNumbers().numberOf("a")).hasValue(2);
        assertThat(driver.state().nodeNumbers().nodeOf(1)).hasValue("b");
        assertThat(driver.state().nodeNumbers().numberOf("c")).isEmpty();
        assertThat(driver.state().nodeNumbers().nodeOf(3)).isEmpty();
    }

    @Test
    void aNodeKeepsItsNumber() {
        number("a");
        number("b");

        assertThat(number("a")).isEqualTo(new Outcome.NodeNumber(1));
        assertThat(number("c")).isEqualTo(new Outcome.NodeNumber(3));
    }

    @Test
    void aCheckpointHasTheNumbersAndTheNextOne() {
        number("a");
        number("b");

        driver.restart();

        assertThat(driver.state().nodeNumbers().numberOf("b")).hasValue(2);
        assertThat(number("c")).isEqualTo(new Outcome.NodeNumber(3));
    }

    @Test
    void anIdThatNoNodeCanHaveIsRejected() {
        for (String id : List.of("", "a b", "\u00e9", "x".repeat(256))) {
            assertThat(number(id))
                    .as(id)
                    .isInstanceOfSatisfying(
                            Outcome.CommandRejected.class,
                            rejected ->
                                    assertThat(rejected.problem().reason())
                                            .isEqualTo(Reason.MALFORMED_REQUEST));
        }
        assertThat(number("x".repeat(255))).isEqualTo(new Outcome.NodeNumber(1));
    }

    @Test
    void noNumberIsEverOfTwoNodesThoughAFullTableForgetsTheSmallest() {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            MetadataState state = new MetadataState(limited());
            Map<Integer, String> ever = new HashMap<>();
            Set<String> live = new HashSet<>();
            for (int i = 1; i <= 200; i++) {
                String node = "n" + random.nextInt(12);
                Entry entry = new Entry(7, i, List.of(new Command.NodeNumbered(node)));
                List<Outcome> outcomes =
                        new ArrayList<>(((ApplyResult.Outcomes) state.apply(entry)).outcomes());
                int number = ((Outcome.NodeNumber) outcomes.getFirst()).number();
                assertThat(ever.putIfAbsent(number, node))
                        .as("seed %d, entry %d", seed, i)
                        .isIn(null, node);
                live.add(node);
                assertThat(state.nodeNumbers().size())
                        .as("seed %d, entry %d", seed, i)
                        .isEqualTo(Math.min(live.size(), LIMIT));
                assertThat(state.nodeNumbers().numberOf(node)).hasValue(number);
            }
        }
    }

    private static FeatureLevels limited() {
        LevelContents code = LevelContents.OF_CODE;
        StateLimits limits = new StateLimits(9, 9, 9, 9, 9, 9, 9, LIMIT, 9);
        return new FeatureLevels(
                1,
                new LevelContents(
                        code.commands(), code.settings(), code.reasons(), level -> limits));
    }
}
