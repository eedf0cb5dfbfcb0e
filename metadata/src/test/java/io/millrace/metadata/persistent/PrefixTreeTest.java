package io.millrace.metadata.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The tree against {@link TreeMap}, for random changes of texts with common beginnings. */
class PrefixTreeTest {

    private static final int SEEDS = 100;

    /** Includes the empty text, and surrogates whose first halves are equal. */
    private static String text(SplittableRandom random) {
        List<String> parts = List.of("a", "b", "ab", ".", "-", "é", "e\u0301", "😀", "😁");
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(parts.get(random.nextInt(parts.size())));
        }
        return text.toString();
    }

    /** Returns the values of the prefixes of a text, the shortest first. */
    private static List<Integer> walk(PrefixTree<Integer> tree, String text) {
        List<Integer> found = new ArrayList<>();
        PrefixTree.Node<Integer> node = tree.root();
        for (int at = 0; node != null; ) {
            if (node.value() != null) {
                found.add(node.value());
            }
            node = node.next(text, at);
            at += node == null ? 0 : node.label().length();
        }
        return found;
    }

    @Test
    void everyVersionHasTheContentOfItsTime() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            PrefixTree<Integer> tree = PrefixTree.empty();
            TreeMap<String, Integer> model = new TreeMap<>();
            List<PrefixTree<Integer>> versions = new ArrayList<>();
            List<TreeMap<String, Integer>> models = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String key = text(random);
                if (random.nextBoolean()) {
                    tree = tree.with(key, i);
                    model.put(key, i);
                } else {
                    tree = tree.without(key);
                    model.remove(key);
                }
                versions.add(tree);
                models.add(new TreeMap<>(model));
            }
            for (int i = 0; i < versions.size(); i++) {
                String text = text(random);
                assertThat(versions.get(i).find(text))
                        .as("seed %d, %s", seed, text)
                        .isEqualTo(models.get(i).get(text));
                assertThat(walk(versions.get(i), text))
                        .as("seed %d, %s", seed, text)
                        .isEqualTo(
                                models.get(i).entrySet().stream()
                                        .filter(entry -> text.startsWith(entry.getKey()))
                                        .map(entry -> entry.getValue())
                                        .toList());
                List<Integer> all = new ArrayList<>();
                assertThat(versions.get(i).anyMatch(value -> !all.add(value))).isFalse();
                assertThat(all)
                        .as("seed %d", seed)
                        .containsExactlyElementsOf(models.get(i).values());
            }
        }
    }

    @Test
    void aTreeWithoutKeysIsEmpty() {
        PrefixTree<Integer> tree = PrefixTree.<Integer>empty().with("ab", 1).with("ac", 2);

        assertThat(tree.isEmpty()).isFalse();
        assertThat(tree.without("ab").without("ac").isEmpty()).isTrue();
        assertThat(tree.without("ab").root().children()).hasSize(1);
    }
}
