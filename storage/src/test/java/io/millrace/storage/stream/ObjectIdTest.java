package io.millrace.storage.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId.Kind;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectIdTest {

    /** Returns random numbers, biased to the limits of their range. */
    private static long number(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(3) - 1;
            case 1 -> Long.MAX_VALUE - random.nextInt(3);
            case 2 -> Long.MIN_VALUE + random.nextInt(3);
            default -> random.nextLong() >> random.nextInt(64);
        };
    }

    @Test
    void anIdIsFoundInItsKeyAndInNoOther() {
        for (int seed = 0; seed < 5_000; seed++) {
            checkId(seed, new SplittableRandom(seed));
        }
    }

    private static void checkId(int seed, SplittableRandom random) {
        ObjectId id =
                new ObjectId(
                        Kind.values()[random.nextInt(Kind.values().length)],
                        number(random),
                        number(random) & Long.MAX_VALUE);
        ObjectKey key = id.key("c-1");
        assertThat(ObjectId.parse(key, "c-1")).as("seed %d: %s", seed, key).contains(id);
        assertThat(ObjectId.parse(key, "c")).as("seed %d, another cluster", seed).isEmpty();

        StringBuilder changed = new StringBuilder(key.value());
        int at = random.nextInt(changed.length());
        changed.setCharAt(at, "0123456789abcdefgls-".charAt(random.nextInt(20)));
        ObjectKey other = new ObjectKey(changed.toString());
        ObjectId.parse(other, "c-1")
                .ifPresent(
                        found -> assertThat(found.key("c-1")).as("seed %d", seed).isEqualTo(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "81/c/wal/0000000000000007/1/2",
                "81/c/meta/archive-0000000000000001-5b0c0f2ad64d3bb1",
                "81/c/wal/7/1",
                "81/c/wal/0000000000000007/-1",
                "81/c/wal/0000000000000007/99999999999999999999",
                "00/c/tmp/0000000000000007/1",
            })
    void foreignKeysHaveNoObjectId(String key) {
        assertThat(ObjectId.parse(new ObjectKey(key), "c")).isEmpty();
    }

    @Test
    void aKeyWithTheHashOfAnotherHasNoId() {
        String right = new ObjectId(Kind.WAL, 7, 1).key("c").value();
        String wrong = (right.startsWith("00") ? "01" : "00") + right.substring(2);
        assertThat(ObjectId.parse(new ObjectKey(wrong), "c")).isEmpty();
    }
}
