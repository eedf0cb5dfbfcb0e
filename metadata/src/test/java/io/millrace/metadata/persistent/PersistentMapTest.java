package io.millrace.metadata.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The map against {@link TreeMap}, for random changes. */
class PersistentMapTest {

    private static final int SEEDS = 50;

    @Test
    void everyVersionHasTheContentOfItsTime() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int keys = 1 + random.nextInt(200);
            PersistentMap<Integer, String> map = PersistentMap.empty();
            TreeMap<Integer, String> model = new TreeMap<>();
            List<PersistentMap<Integer, String>> versions = new ArrayList<>();
            List<TreeMap<Integer, String>> models = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                int key = random.nextInt(keys);
                if (random.nextInt(3) == 0) {
                    map = map.without(key);
                    model.remove(key);
                } else {
                    map = map.with(key, "value " + i);
                    model.put(key, "value " + i);
                }
                versions.add(map);
                models.add(new TreeMap<>(model));
            }
            for (int i = 0; i < versions.size(); i++) {
                assertEqual(seed, versions.get(i), models.get(i), random.nextInt(-1, keys + 1));
            }
        }
    }

    @Test
    void aMapOfSortedValuesEqualsOneOfSingleChanges() {
        for (int size = 0; size < 100; size++) {
            TreeMap<Integer, String> model = new TreeMap<>();
            for (int i = 0; i < size; i++) {
                model.put(2 * i, Integer.toString(2 * i));
            }
            PersistentMap<Integer, String> map =
                    PersistentMap.ofSorted(List.copyOf(model.values()), Integer::valueOf);
            assertEqual(size, map, model, size);

            map = map.with(size, "changed").without(0);
            model.put(size, "changed");
            model.remove(0);
            assertEqual(size, map, model, size / 2);
        }
    }

    @Test
    void aLookUpComparesALogarithmOfTheKeys() {
        for (boolean rising : new boolean[] {true, false}) {
            PersistentMap<CountingKey, Integer> map = PersistentMap.empty();
            int[] comparisons = new int[1];
            for (int i = 0; i < 10_000; i++) {
                int key = rising ? i : -i;
                map = map.with(new CountingKey(key, comparisons), key);
            }
            for (int i = 0; i < 10_000; i += 2) {
                map = map.without(new CountingKey(rising ? i : -i, comparisons));
            }
            comparisons[0] = 0;
            map.get(new CountingKey(1, comparisons));
            assertThat(comparisons[0]).isLessThan(20);
        }
    }

    private record CountingKey(int value, int[] comparisons) implements Comparable<CountingKey> {
        @Override
        public int compareTo(CountingKey other) {
            comparisons[0]++;
            return Integer.compare(value, other.value);
        }
    }

    private static void assertEqual(
            long seed,
            PersistentMap<Integer, String> map,
            TreeMap<Integer, String> model,
            int anyKey) {
        assertThat(map).as("seed %d", seed).containsExactlyElementsOf(model.values());
        assertThat(map.size()).as("seed %d", seed).isEqualTo(model.size());
        assertThat(map.get(anyKey)).isEqualTo(Optional.ofNullable(model.get(anyKey)));
        assertThat(map.last())
                .isEqualTo(Optional.ofNullable(model.lastEntry()).map(Map.Entry::getValue));
        List<String> after = new ArrayList<>();
        for (Iterator<String> rest = map.after(anyKey); rest.hasNext(); ) {
            after.add(rest.next());
        }
        assertThat(after)
                .as("seed %d", seed)
                .isEqualTo(List.copyOf(model.tailMap(anyKey, false).values()));
    }
}
