package io.millrace.protocol.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RendezvousTest {

    private static final int KEYS = 20_000;

    private static List<String> nodes(int count) {
        return IntStream.range(0, count).mapToObj(i -> "node-" + i).toList();
    }

    private static String firstOf(List<String> nodes, int key) {
        return Rendezvous.first(nodes, Rendezvous.keyOf("topic", key)).orElseThrow();
    }

    @Test
    void weightsAreThoseThatOtherLanguagesCompute() {
        assertThat(Rendezvous.weight("node-1", bytes("t/0"))).isEqualTo(5248542991935766938L);
        assertThat(Rendezvous.weight("knoten-ü", bytes("t/0")))
                .isEqualTo(Long.parseUnsignedLong("10792822914898295920"));
        assertThat(Rendezvous.order(nodes(5), "t/0"))
                .containsExactly("node-0", "node-2", "node-4", "node-3", "node-1");
        assertThat(Rendezvous.order(nodes(5), 42L))
                .containsExactly("node-3", "node-2", "node-0", "node-1", "node-4");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void keysSpreadEvenly() {
        for (int count : new int[] {2, 3, 7, 20}) {
            List<String> nodes = nodes(count);
            Map<String, Integer> keys = new HashMap<>();
            for (int key = 0; key < KEYS; key++) {
                keys.merge(firstOf(nodes, key), 1, Integer::sum);
            }
            double fair = (double) KEYS / count;
            assertThat(keys).hasSize(count);
            assertThat(keys.values()).allMatch(n -> n > fair * 0.85 && n < fair * 1.15);
        }
    }

    @Test
    void whenANodeLeavesOnlyItsKeysMoveEachToTheNextInItsOrder() {
        List<String> before = nodes(8);
        List<String> after = new ArrayList<>(before);
        after.remove("node-3");
        for (int key = 0; key < KEYS; key++) {
            List<String> order = Rendezvous.order(before, Rendezvous.keyOf("topic", key));
            String expected = order.getFirst().equals("node-3") ? order.get(1) : order.getFirst();
            assertThat(firstOf(after, key)).isEqualTo(expected);
        }
    }

    @Test
    void theKeysOfANodeThatLeftSpreadOverAllOthers() {
        List<String> before = nodes(5);
        List<String> after = before.subList(1, 5);
        Map<String, Integer> takeovers = new HashMap<>();
        for (int key = 0; key < KEYS; key++) {
            if (firstOf(before, key).equals("node-0")) {
                takeovers.merge(firstOf(after, key), 1, Integer::sum);
            }
        }
        assertThat(takeovers).hasSize(4);
        assertThat(takeovers.values()).allMatch(n -> n > KEYS / 20 * 0.8 && n < KEYS / 20 * 1.2);
    }

    @Test
    void theOrderInWhichNodesAreNamedDoesNotMatter() {
        List<String> nodes = new ArrayList<>(nodes(9));
        List<String> order = Rendezvous.order(nodes, "t/7");
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            Collections.shuffle(nodes, random);
            assertThat(Rendezvous.order(nodes, "t/7")).isEqualTo(order);
            assertThat(Rendezvous.first(nodes, "t/7")).contains(order.getFirst());
        }
    }

    @Test
    void withoutNodesThereIsNone() {
        assertThat(Rendezvous.first(List.of(), "t/0")).isEmpty();
        assertThat(Rendezvous.order(List.of(), 1L)).isEmpty();
    }
}
